import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from './operation.js';

export interface SgdHyperparameters {
  learningRate: number;
  momentum: number;
  /** L2 penalty, added to the gradient as weightDecay · parameter. */
  weightDecay: number;
}

/** A parameter, its velocity of the same shape, and the gradient of this step. */
export interface SgdSlot {
  parameter: tf.Variable;
  velocity: tf.Variable;
  gradient: tf.Tensor;
}

const run = defineOperation<SgdHyperparameters>({
  name: 'SgdUpdate',
  forward: (inputs, { learningRate, momentum, weightDecay }) => {
    const outputs: tf.Tensor[] = [];
    for (let index = 0; `parameter${index}` in inputs; index++) {
      const parameter = inputs[`parameter${index}`]!;
      const gradient = inputs[`gradient${index}`]!;
      const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
      const velocity = tf.add(tf.mul(inputs[`velocity${index}`]!, momentum), decayed);
      outputs.push(tf.sub(parameter, tf.mul(velocity, learningRate)), velocity);
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
  const inputs = Object.fromEntries(
    slots.flatMap(({ parameter, velocity, gradient }, index) => [
      [`parameter${index}`, parameter],
      [`velocity${index}`, velocity],
      [`gradient${index}`, gradient],
    ]),
  );
  const outputs = run<tf.Tensor[]>(inputs, { ...hyperparameters });
  for (const [index, { parameter, velocity }] of slots.entries()) {
    parameter.assign(outputs[2 * index]!);
    velocity.assign(outputs[2 * index + 1]!);
  }
  tf.dispose(outputs);
}
