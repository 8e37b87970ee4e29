import * as tf from '@tensorflow/tfjs-core';

/**
 * The fully connected layer x · weight + bias. Differentiable in all three.
 *
 * @param x [count, inFeatures]
 * @param weight [inFeatures, outFeatures]
 * @param bias [outFeatures]
 * @returns [count, outFeatures]; owned by the caller
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => tf.add(tf.matMul(x, weight), bias));
}
