import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';
import { insertZeros } from './insert-zeros.js';

const run = defineOperation('SubsamplePad', {
  forward: ({ x }, { stride, channels }) => {
    // Average pooling of size 1 is a strided slice; tfjs's own strided slice is slower and has no gradient.
    const sampled = stride === 1 ? x : tf.avgPool(x, 1, stride, 'valid');
    const { before, after } = channelBorder(x.shape[3], channels);
    return tf.pad(sampled, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, after],
    ]);
  },
  saved: { inputs: ['x'], outputs: [] },
  gradient: (dy, [x], attributes) => ({ x: () => runGradient({ dy }, { ...attributes, shape: x.shape }) }),
});

const runGradient = defineOperation('SubsamplePadGradient', {
  forward: ({ dy }, { stride, channels, shape }) => {
    const [count, height, width, inChannels] = shape as [number, number, number, number];
    const { before } = channelBorder(inChannels, channels);
    const [, outHeight, outWidth] = dy.shape;
    const kept = tf.slice(dy, [0, 0, 0, before], [count, outHeight, outWidth, inChannels]);
    return tf.slice(insertZeros(kept, [stride, stride]), 0, [count, height, width, inChannels]);
  },
});

/**
 * The identity shortcut across a change of dimensions (option A of Section 3.3): every `stride`-th row and column,
 * and zeros for the channels that are new, half of them on either side. Differentiable in x.
 *
 * @param x [count, height, width, inChannels]
 * @param channels at least inChannels
 * @returns [count, ⌈height / stride⌉, ⌈width / stride⌉, channels]; owned by the caller
 * @throws SHAPE_MISMATCH if x has more channels than the result
 */
export function subsamplePad(x: tf.Tensor4D, stride: number, channels: number): tf.Tensor4D {
  if (x.shape[3] > channels) {
    const message = `An identity shortcut can add channels, not drop them: from ${x.shape[3]} to ${channels}.`;
    throw new ResnetError('SHAPE_MISMATCH', message);
  }
  return run({ x }, { stride, channels });
}

function channelBorder(inChannels: number, channels: number): { before: number; after: number } {
  const before = Math.floor((channels - inChannels) / 2);
  return { before, after: channels - inChannels - before };
}
