import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';
import { channelSum } from './channel-mean.js';
import { reluGradient } from './relu-gradient.js';

const run = defineOperation('ChannelAffine', {
  forward: ({ x, scale, shift }, { relu }) => {
    const y = tf.add(tf.mul(x, scale), shift);
    return relu ? tf.relu(y) : y;
  },
  saved: { inputs: ['x', 'scale'], outputs: [0] },
  gradient: (dy, [x, scale, y], { relu }) => {
    const dSum = relu ? reluGradient(dy, y) : dy;
    return {
      x: () => channelAffine(dSum, scale, tf.zerosLike(scale)),
      scale: () => channelSum(tf.mul(dSum, x)),
      shift: () => channelSum(dSum),
    };
  },
});

/**
 * x · scale + shift for each channel, then ReLU where asked: what batch normalization is once its statistics
 * are known. Differentiable in x, scale and shift.
 *
 * @param x [count, height, width, channels]
 * @param scale [channels]
 * @param shift [channels]
 * @returns the shape of x; owned by the caller
 */
export function channelAffine(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  relu = false,
): tf.Tensor4D {
  return run({ x, scale, shift }, { relu });
}
