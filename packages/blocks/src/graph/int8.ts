import type { ConvGeometry } from '@resnet/backend';
import type * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameter.js';

/** What a convolution of a quantized network computes with before it is quantized. Owned by the caller. */
export interface FoldedWeights {
  /** [height, width, inChannels, outChannels], with the normalization in it. */
  filter: tf.Tensor4D;
  bias?: tf.Tensor1D;
}

/** An operation as quantized networks compute it. What has none of these forms is computed in float32 there. */
export type Int8Form =
  | {
      /** Also a fully connected layer, with a filter of 1×1. A second input is the residual. */
      kind: 'convolution';
      geometry: ConvGeometry;
      relu: boolean;
      /** [height, width, inChannels, outChannels] */
      filterShape: readonly number[];
      /** The filter, without a normalization. For fake quantization the operation must compute with its `value`, not its `variable`. */
      weight: Parameter;
      weights(): FoldedWeights;
    }
  | { kind: 'max pool'; size: number; stride: number; padding: number }
  | { kind: 'average pool' }
  | { kind: 'subsample'; stride: number; channels: number };
