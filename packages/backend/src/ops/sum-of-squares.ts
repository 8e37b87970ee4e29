import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

const run = defineOperation('SumOfSquares', {
  forward: (inputs) => {
    const sums = Object.values(inputs).map((tensor) => tf.sum(tf.square(tensor)));
    return sums.reduce((total, sum) => tf.add(total, sum));
  },
});

/**
 * The sum of the squares of all values of these tensors, at least one, of any shapes: the square of the norm of a gradient. Not
 * differentiable.
 *
 * @returns a scalar; owned by the caller
 */
export function sumOfSquares(tensors: readonly tf.Tensor[]): tf.Scalar {
  return run(Object.fromEntries(tensors.map((tensor, index) => [`x${index}`, tensor])), {});
}
