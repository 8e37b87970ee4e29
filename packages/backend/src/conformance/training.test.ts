import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as ops from '../ops/index.js';
import { differenceOf } from './difference-of.js';
import { describeOperations } from './test-support.js';

describeOperations('the optimizer', [], () => {
  it('updates a parameter by PyTorch’s rule of SGD with momentum and weight decay', async () => {
    const [parameter, velocity] = [tf.variable(tf.tensor1d([1, -2])), tf.variable(tf.zeros([2]))];
    const hyperparameters = {
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 0.01,
    };
    let [p, v] = [
      [1, -2],
      [0, 0],
    ];
    for (const gradient of [
      [0.5, 1],
      [-1, 0.25],
      [0.125, 2],
    ]) {
      tf.tidy(() =>
        ops.sgdUpdate([{ parameter, velocity, gradient: tf.tensor1d(gradient) }], hyperparameters),
      );
      v = v.map((value, i) => 0.9 * value + gradient[i]! + 0.01 * p[i]!);
      p = p.map((value, i) => value - 0.1 * v[i]!);
    }
    expect(await differenceOf(parameter, { shape: [2], data: Float64Array.from(p) })).toBeLessThan(1e-6);
    expect(await differenceOf(velocity, { shape: [2], data: Float64Array.from(v) })).toBeLessThan(1e-6);
    tf.dispose([parameter, velocity]);
  });

  it.each([
    ['a number', 0.5],
    ['not a number', Number.NaN],
    ['infinite', Number.NEGATIVE_INFINITY],
  ])('multiplies gradients by a tensor, and changes nothing where it is not finite: %s', async (_, scale) => {
    const tensorsBefore = tf.memory().numTensors;
    const variable = (values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));
    // Vectors of four numbers, and others.
    const slots = [4, 7, 64].map((length) => ({
      parameter: variable(Array.from({ length }, (_, index) => index + 1)),
      velocity: variable(Array(length).fill(2)),
      gradient: tf.fill([length], 3),
    }));
    const gradientScale = tf.scalar(scale);
    ops.sgdUpdate(slots, { learningRate: 0.5, momentum: 0.5, weightDecay: 0, gradientScale });
    // 0.5 · 2 + 0.5 · 3
    const speed = Number.isFinite(scale) ? 2.5 : 2;
    const moved = Number.isFinite(scale) ? 0.5 * speed : 0;
    for (const { parameter, velocity } of slots) {
      expect([...(await velocity.data())]).toEqual(Array(velocity.size).fill(speed));
      expect([...(await parameter.data())]).toEqual(
        Array.from({ length: parameter.size }, (_, index) => index + 1 - moved),
      );
    }
    tf.dispose([slots.map((slot) => Object.values(slot)), gradientScale]);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it.each([1, 2, 40])('sums the squares of %d tensors', async (count) => {
    const tensorsBefore = tf.memory().numTensors;
    const tensors = Array.from({ length: count }, (_, index) => {
      const values = Float32Array.from({ length: 1 + 300 * (index % 7) }, (_, position) =>
        new Random(index, position).normal(),
      );
      return tf.tensor1d(values);
    });
    let expected = 0;
    for (const tensor of tensors) for (const value of await tensor.data()) expected += value * value;
    const sum = ops.sumOfSquares(tensors);
    expect(await differenceOf(sum, { shape: [], data: Float64Array.of(expected) })).toBeLessThan(1e-6);
    tf.dispose([sum, tensors]);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
});
