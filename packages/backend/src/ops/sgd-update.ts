import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

export interface SgdHyperparameters {
  learningRate: number;
  momentum: number;
  /** L2 penalty, added to the gradient as weightDecay · parameter. */
  weightDecay: number;
  /** Nesterov's momentum: the step looks ahead by one more velocity. Default false. */
  nesterov?: boolean;
  /** A weight decay that shrinks parameters by itself: by learningRate · decoupledDecay of them. Default 0. */
  decoupledDecay?: number;
  /**
   * What gradients are multiplied by first. Default 1. As a tensor, which stays the caller's, it may be computed on a GPU; if it is not
   * finite, nothing is changed.
   */
  gradientScale?: number | tf.Scalar;
}

/** A parameter, its velocity of the same shape, and the gradient of this step. */
export interface SgdSlot {
  parameter: tf.Variable;
  velocity: tf.Variable;
  gradient: tf.Tensor;
}

const run = defineOperation('SgdUpdate', {
  forward: (inputs, { learningRate, momentum, weightDecay, gradientScale, decoupledDecay, nesterov }) => {
    const { scale } = inputs;
    // Nothing is computed for a factor of 1.
    const times = (tensor: tf.Tensor, factor: number) => (factor === 1 ? tensor : tf.mul(tensor, factor));
    const outputs: tf.Tensor[] = [];
    for (let index = 0; `parameter${index}` in inputs; index++) {
      const parameter = inputs[`parameter${index}`]!;
      const given = times(inputs[`gradient${index}`]!, gradientScale);
      const scaled = scale ? tf.mul(given, scale) : given;
      const gradient = weightDecay === 0 ? scaled : tf.add(scaled, tf.mul(parameter, weightDecay));
      const velocity = tf.add(tf.mul(inputs[`velocity${index}`]!, momentum), gradient);
      const step = nesterov ? tf.add(tf.mul(velocity, momentum), gradient) : velocity;
      const whole = decoupledDecay === 0 ? step : tf.add(step, tf.mul(parameter, decoupledDecay));
      const updated = [tf.sub(parameter, tf.mul(whole, learningRate)), velocity];
      const before = [parameter, inputs[`velocity${index}`]!];
      outputs.push(
        ...updated.map((tensor, which) =>
          scale ? tf.where(tf.isFinite(scale), tensor, before[which]!) : tensor,
        ),
      );
    }
    return outputs;
  },
});

/**
 * One step of stochastic gradient descent with momentum over any number of parameters, by PyTorch's rule, in place:
 * velocity ← momentum · velocity + gradient + weightDecay · parameter,
 * parameter ← parameter - learningRate · velocity.
 */
export function sgdUpdate(slots: readonly SgdSlot[], hyperparameters: SgdHyperparameters): void {
  if (slots.length === 0) return;
  const { learningRate, momentum, weightDecay } = hyperparameters;
  const { nesterov = false, decoupledDecay = 0, gradientScale = 1 } = hyperparameters;
  const inputs: { [name: string]: tf.Tensor } = Object.fromEntries(
    slots.flatMap(({ parameter, velocity, gradient }, index) => [
      [`parameter${index}`, parameter],
      [`velocity${index}`, velocity],
      [`gradient${index}`, gradient],
    ]),
  );
  const isNumber = typeof gradientScale === 'number';
  const outputs = run(isNumber ? inputs : { ...inputs, scale: gradientScale }, {
    ...{ learningRate, momentum, weightDecay, decoupledDecay },
    gradientScale: isNumber ? gradientScale : 1,
    nesterov: nesterov ? 1 : 0,
  });
  for (const [index, { parameter, velocity }] of slots.entries()) {
    parameter.assign(outputs[2 * index]!);
    velocity.assign(outputs[2 * index + 1]!);
  }
  tf.dispose(outputs);
}
