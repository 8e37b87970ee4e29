import * as tf from '@tensorflow/tfjs-core';

/** The gradient before a ReLU whose output was y: dy where y is positive, else 0. */
export function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor4D {
  return tf.tidy(() => tf.mul(dy, tf.step(y)));
}
