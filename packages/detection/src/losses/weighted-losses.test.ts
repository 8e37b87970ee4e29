import { type Backend, useBackend } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaryCrossEntropy, smoothL1 } from './weighted-losses.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

const beta = 1 / 9;
const losses = {
  'smooth L1': {
    compute: (x: tf.Tensor, target: tf.Tensor, weight: tf.Tensor) => smoothL1(x, target, weight, beta),
    each: (x: number, target: number) => {
      const distance = Math.abs(x - target);
      return distance < beta ? (0.5 * distance ** 2) / beta : distance - beta / 2;
    },
  },
  'binary cross-entropy': {
    compute: binaryCrossEntropy,
    each: (x: number, target: number) => Math.log(1 + Math.exp(x)) - x * target,
  },
};

it('has the values of torchvision’s smooth L1', () => {
  const value = (x: number) =>
    tf.tidy(() => smoothL1(tf.tensor1d([x]), tf.zeros([1]), tf.ones([1]), beta).dataSync()[0]!);
  expect(value(0.05)).toBeCloseTo(0.01125, 6);
  expect(value(1)).toBeCloseTo(0.944444, 6);
});

describe.each(Object.entries(losses))('%s', (_, { compute, each }) => {
  const xs = [-30, -2, -0.1, 0.04, 0, 0.3, 2, 20];
  const targets = [0, 1, 0, 0, 1, 0, 1, 1];
  const weights = [1, 0.5, 2, 1, 0, 1, 0.25, 1];

  it('is the weighted sum', () => {
    const before = tf.memory().numTensors;
    const expected = xs.reduce((sum, x, index) => sum + weights[index]! * each(x, targets[index]!), 0);
    const value = tf.tidy(
      () => compute(tf.tensor1d(xs), tf.tensor1d(targets), tf.tensor1d(weights)).dataSync()[0]!,
    );
    expect(value / expected).toBeCloseTo(1, 5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has the gradient of finite differences', () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor1d(xs);
    const gradient = tf.grad((x: tf.Tensor) => compute(x, tf.tensor1d(targets), tf.tensor1d(weights)))(x);
    const found = gradient.dataSync();
    for (const [index, value] of xs.entries()) {
      const step = 1e-5;
      const slope = (each(value + step, targets[index]!) - each(value - step, targets[index]!)) / (2 * step);
      expect(found[index]).toBeCloseTo(weights[index]! * slope, 4);
    }
    tf.dispose([x, gradient]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
