import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Backend, useBackend } from '../backend.js';
import { convBatchNormTraining } from './conv-batch-norm.js';

let backend: Backend;
beforeEach(async () => {
  backend = await useBackend('cpu');
});
afterEach(() => backend.dispose());

it('sends no zeros to the backend for the convolution that nobody sees', () => {
  const x = tf.randomNormal<tf.Rank.R4>([2, 6, 6, 3], 0, 1, 'float32', 1);
  const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 3, 8], 0, 1, 'float32', 2);
  const [gamma, beta] = [tf.ones([8]) as tf.Tensor1D, tf.zeros([8]) as tf.Tensor1D];
  const forward = (x: tf.Tensor4D) =>
    convBatchNormTraining(x, filter, { stride: 1, padding: 1 }, { gamma, beta, epsilon: 1e-5 }).y;

  const dy = tf.randomNormal<tf.Rank.R4>([2, 6, 6, 8], 0, 1, 'float32', 3);
  const write = vi.spyOn(tf.engine().backend, 'write');
  const gradient = tf.grad(forward as never)(x, dy);
  const zeros = write.mock.calls.filter(([values]) =>
    (values as Float32Array | undefined)?.every((value) => value === 0),
  );
  expect(Math.max(...zeros.map(([values]) => values.length))).toBeLessThanOrEqual(8);
  expect(gradient.dataSync().some((value) => value !== 0)).toBe(true);
});
