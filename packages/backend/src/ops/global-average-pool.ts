import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

const run = defineOperation('GlobalAveragePool', {
  forward: ({ x }) => {
    const [count, height, width, channels] = x.shape;
    return tf.reshape(tf.avgPool(x, [height, width], 1, 'valid'), [count, channels]);
  },
  saved: { inputs: ['x'], outputs: [] },
  gradient: (dy, [x]) => ({ x: () => runGradient({ dy }, { height: x.shape[1], width: x.shape[2] }) }),
});

const runGradient = defineOperation('GlobalAveragePoolGradient', {
  forward: ({ dy }, { height, width }) => {
    const [count, channels] = dy.shape;
    const share = tf.reshape(tf.div(dy, height * width), [count, 1, 1, channels]);
    return tf.tile(share, [1, height, width, 1]);
  },
});

/**
 * The mean of each channel of each image. Differentiable in x.
 *
 * @param x [count, height, width, channels]
 * @returns [count, channels]; owned by the caller
 */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  return run({ x }, {});
}
