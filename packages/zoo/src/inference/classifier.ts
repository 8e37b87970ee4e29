import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Architecture } from '../networks/network.js';

/** Computes logits of images: a network, a fused network, or one that another engine runs. */
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
   * The classifier as a convolution over larger images (Section 3.4): the logits at each position of the last pooling, whose window
   * has the size that it has in the network. Only networks that `prepare` made for tfjs have it.
   *
   * @param x [count, height, width, channels], normalized, no smaller than `inputShape`; stays the caller's
   * @returns logits, [count, rows, columns, classes]; owned by the caller
   */
  inferMap?(x: Tensor4D): Promise<Tensor4D>;
  dispose(): void;
}
