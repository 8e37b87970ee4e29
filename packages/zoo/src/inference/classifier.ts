import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Architecture } from '../networks/network.js';

/** What gives logits for images: a network, a fused one, or one that another engine runs. */
export interface Classifier {
  readonly architecture: Architecture;
  /** [height, width, channels] of the images that it takes. */
  readonly inputShape: readonly [number, number, number];
  /**
   * @param x [count, height, width, channels], normalized; stays the caller's
   * @returns logits, [count, classes]; owned by the caller
   */
  infer(x: Tensor4D): Promise<Tensor2D>;
  /**
   * The classifier as a convolution over larger images (Section 3.4): at each place where the pooling's window of the size
   * that the network was designed for fits. Only networks that `prepare` made for tfjs have it.
   *
   * @param x [count, height, width, channels], normalized, no smaller than `inputShape`; stays the caller's
   * @returns logits, [count, rows, columns, classes]; owned by the caller
   */
  inferMap?(x: Tensor4D): Promise<Tensor4D>;
  dispose(): void;
}
