import * as tf from '@tensorflow/tfjs-core';
import {
  affineOf,
  type BatchNormParameters,
  batchNormTraining,
  type Ending,
  type Moments,
} from './batch-norm.js';
import { conv2d } from './conv2d.js';

/** How the filter moves; see `conv2d`. */
export interface ConvGeometry {
  stride: number;
  padding: number;
}

/**
 * Convolution, batch normalisation with this batch's statistics, residual addition and ReLU: one layer of the
 * paper's networks in training (Section 3.4: normalisation right after each convolution, before activation).
 * Differentiable in all tensors that go in.
 *
 * @returns as `batchNormTraining`
 */
export function convBatchNormTraining(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  parameters: BatchNormParameters,
  ending: Ending = {},
): { y: tf.Tensor4D } & Moments {
  const convolved = conv2d(x, filter, geometry);
  const result = batchNormTraining(convolved, parameters, ending);
  convolved.dispose();
  return result;
}

/**
 * The same layer with given statistics: the normalisation is folded into the filter and a bias, so that the layer
 * is one pass. Differentiable in all tensors that go in.
 *
 * @returns [count, outHeight, outWidth, outChannels]; owned by the caller
 */
export function convBatchNormInference(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  { gamma, beta, epsilon }: BatchNormParameters,
  moments: Moments,
  ending: Ending = {},
): tf.Tensor4D {
  return tf.tidy(() => {
    const { scale, shift } = affineOf(moments, gamma, beta, epsilon);
    return conv2d(x, tf.mul<tf.Tensor4D>(filter, scale), {
      ...geometry,
      bias: shift,
      ...ending,
    });
  });
}
