import * as tf from '@tensorflow/tfjs-core';

export interface SgdHyperparameters {
  learningRate: number;
  momentum: number;
  /** L2 penalty, added to the gradient as weightDecay · parameter. */
  weightDecay: number;
}

/**
 * One step of stochastic gradient descent with momentum, by PyTorch's rule, in place:
 * velocity ← momentum · velocity + gradient + weightDecay · parameter,
 * parameter ← parameter - learningRate · velocity.
 */
export function sgdUpdate(
  parameter: tf.Variable,
  velocity: tf.Variable,
  gradient: tf.Tensor,
  { learningRate, momentum, weightDecay }: SgdHyperparameters,
): void {
  tf.tidy(() => {
    const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
    velocity.assign(tf.add(tf.mul(velocity, momentum), decayed));
    parameter.assign(tf.sub(parameter, tf.mul(velocity, learningRate)));
  });
}
