import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

const run = defineOperation('ChannelMean', {
  forward: ({ x }) => tf.mean(x, [0, 1, 2]),
});

/**
 * The mean of each channel over images and pixels. It has no gradient; the operations that are made of it do.
 *
 * @param x [count, height, width, channels]
 * @returns [channels]
 */
export function channelMean(x: tf.Tensor4D): tf.Tensor1D {
  return run({ x }, {});
}

/** The sum of each channel over images and pixels. Like `channelMean`, it has no gradient. */
export function channelSum(x: tf.Tensor4D): tf.Tensor1D {
  const [count, height, width] = x.shape;
  return tf.tidy(() => tf.mul(channelMean(x), count * height * width));
}
