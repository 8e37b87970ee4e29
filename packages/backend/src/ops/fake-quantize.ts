import type { Int8Range } from '@resnet/kernels/contracts';
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

const run = defineOperation('FakeQuantize', {
  forward: ({ x }, { scale, zero }) =>
    tf.mul(tf.clipByValue(tf.round(tf.div(x, scale)), -zero, 255 - zero), scale),
  saved: { inputs: ['x'], outputs: [] },
  gradient: (dy, [x], range) => ({ x: () => runGradient({ dy, x }, range) }),
});

const runGradient = defineOperation('FakeQuantizeGradient', {
  forward: ({ dy, x }, { scale, zero }) => {
    const steps = tf.round(tf.div(x, scale));
    return tf.where(tf.equal(steps, tf.clipByValue(steps, -zero, 255 - zero)), dy, tf.zerosLike(dy));
  },
});

/**
 * float32 rounded to what bytes of a range can hold: what `quantizeInt8` and `dequantizeInt8` give together. Differentiable by the
 * straight-through estimator: the gradient passes as if nothing were rounded, and is 0 where x is outside of the range.
 *
 * @returns of the shape of x; owned by the caller
 */
export function fakeQuantize<T extends tf.Tensor>(x: T, { scale, zero }: Int8Range): T {
  return run({ x }, { scale, zero }) as T;
}

/**
 * Weights rounded to what signed bytes with a scale for each output channel can hold: the largest of a channel is 127 of its units.
 * The gradient passes as if nothing were rounded: nothing is outside of the range.
 *
 * @param weights with the output channels as their last axis
 * @returns of the same shape; owned by the caller
 */
export function fakeQuantizeWeights<T extends tf.Tensor>(weights: T): T {
  const round = tf.customGrad((x) => ({
    value: tf.tidy(() => {
      const values = x as tf.Tensor;
      const axes = values.shape.slice(1).map((_, axis) => axis);
      const scale = tf.div(tf.max(tf.abs(values), axes), 127);
      // A channel of zeros stays one.
      return tf.mul(
        tf.round(tf.div(values, tf.where(tf.greater(scale, 0), scale, tf.onesLike(scale)))),
        scale,
      );
    }),
    gradFunc: (dy: tf.Tensor) => dy.clone(),
  }));
  return round(weights) as T;
}
