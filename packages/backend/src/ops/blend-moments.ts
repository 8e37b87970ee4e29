import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';
import type { Moments } from './batch-norm.js';

const run = defineOperation('BlendMoments', {
  forward: ({ runningMean, runningVariance, mean, variance }, { momentum, unbiasing }) => {
    const blend = (running: tf.Tensor, batch: tf.Tensor) =>
      tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum));
    return [blend(runningMean, mean), blend(runningVariance, tf.mul(variance, unbiasing))];
  },
});

/**
 * Takes the moments of a batch into running ones: running · (1 - momentum) + batch · momentum, of the mean and of the unbiased
 * variance. Not differentiable.
 *
 * @param batch mean and biased variance, each [channels]
 * @param values the number of values behind each of them, at least 2
 * @returns the new running moments; owned by the caller
 */
export function blendMoments(running: Moments, batch: Moments, values: number, momentum: number): Moments {
  const inputs = { runningMean: running.mean, runningVariance: running.variance, ...batch };
  const attributes = { momentum, unbiasing: values / (values - 1) };
  const [mean, variance] = run(inputs, attributes);
  return { mean, variance };
}
