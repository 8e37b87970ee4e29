import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as ops from '../ops/index.js';
import { differenceOf } from './difference-of.js';
import { describeOperations } from './test-support.js';

const range = { scale: Math.fround(0.07), zero: 30 };

/** Values nearer to a step than to the middle between two, some of them outside of the range, with their steps. */
function drawn(count: number): { values: number[]; steps: number[] } {
  const random = new Random(3);
  const steps = Array.from({ length: count }, () => random.int(300) - 50);
  return { values: steps.map((step) => range.scale * (step + 0.8 * (random.uniform() - 0.5))), steps };
}

describeOperations('fake quantization', [], () => {
  it.each([false, true])(
    'rounds to what bytes can be, and passes gradients within the range; int8 kernels loaded: %s',
    async (isLoaded) => {
      if (isLoaded) await ops.loadInt8();
      const before = tf.memory().numTensors;
      const shape: [number, number, number, number] = [2, 5, 7, 300];
      const { values, steps } = drawn(2 * 5 * 7 * 300);
      const kept = steps.map((step) => Math.min(225, Math.max(-30, step)));
      const x = tf.tensor4d(values, shape);
      const dy = tf.tensor4d(
        values.map((_, index) => Math.sin(index)),
        shape,
      );
      const y = ops.fakeQuantize(x, range);
      const rounded = tf.tidy(() => ops.dequantizeInt8(ops.quantizeInt8(x, range), range));
      const dx = tf.grad((given: tf.Tensor) => ops.fakeQuantize(given, range))(x, dy);
      const expected = Float64Array.from(kept, (step) => step * range.scale);
      expect(await differenceOf(y, { shape, data: expected })).toBeLessThan(1e-6);
      expect(await differenceOf(rounded, { shape, data: expected })).toBeLessThan(1e-6);
      const passed = await dy.data();
      expect(Array.from(await dx.data())).toEqual(
        Array.from(passed, (gradient, index) => (kept[index] === steps[index] ? gradient : 0)),
      );
      tf.dispose([x, dy, y, rounded, dx]);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('rounds weights to 127 units of each output channel, and passes all gradients', async () => {
    const before = tf.memory().numTensors;
    const shape = [3, 3, 4, 5];
    const random = new Random(4);
    const values = Float32Array.from({ length: 180 }, (_, index) =>
      index % 5 === 2 ? 0 : (1 + (index % 5)) * random.normal(),
    );
    const largest = [0, 1, 2, 3, 4].map((channel) =>
      Math.max(...values.filter((_, index) => index % 5 === channel).map(Math.abs)),
    );
    const expected = Float64Array.from(values, (value, index) => {
      const scale = largest[index % 5]! / 127 || 1;
      return Math.round(value / scale) * scale;
    });
    const [weights, dy] = [tf.tensor(values, shape), tf.randomNormal(shape)];
    const rounded = ops.fakeQuantizeWeights(weights);
    expect(await differenceOf(rounded, { shape, data: expected })).toBeLessThan(1e-6);
    const gradient = tf.grad((given: tf.Tensor) => ops.fakeQuantizeWeights(given))(weights, dy);
    expect(await gradient.data()).toEqual(await dy.data());
    tf.dispose([weights, dy, rounded, gradient]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
