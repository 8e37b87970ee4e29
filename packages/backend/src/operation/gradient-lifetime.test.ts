import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Backend, useBackend } from '../backend.js';
import { convBatchNormTraining } from '../ops/index.js';

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(() => backend.dispose());

const shape: [number, number, number, number] = [2, 16, 16, 8];
const activation = 4 * 2 * 16 * 16 * 8;

function random(size: number[], seed: number): tf.Tensor {
  const values = new Random(seed);
  return tf.tensor(
    Float32Array.from({ length: size.reduce((a, b) => a * b, 1) }, () => values.normal()),
    size,
  );
}

const filters = Array.from({ length: 12 }, (_, index) => index);

function layer(x: tf.Tensor4D, seed: number, residual?: tf.Tensor4D): tf.Tensor4D {
  const filter = random([3, 3, 8, 8], seed) as tf.Tensor4D;
  const [gamma, beta] = [tf.ones([8]) as tf.Tensor1D, tf.zeros([8]) as tf.Tensor1D];
  const geometry = { stride: 1, padding: 1, dilation: 1 };
  const normalization = { gamma, beta, epsilon: 1e-5 };
  return convBatchNormTraining(x, filter, geometry, normalization, {
    relu: true,
    ...(residual ? { residual } : {}),
  }).y;
}

/** Notes the bytes of all tensors when the backward pass arrives here. */
function noteBytes(note: (bytes: number) => void) {
  return tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => {
      note(tf.memory().numBytes);
      return dy;
    },
  }));
}

it('frees activations and gradients as the backward pass goes', () => {
  const x = random(shape, 1) as tf.Tensor4D;
  const before = tf.memory();
  let [atEnd, atStart] = [0, 0];
  const endOf = noteBytes((bytes) => {
    atEnd = bytes;
  });
  const startOf = noteBytes((bytes) => {
    atStart = bytes;
  });
  const gradient = tf.grad((input) => {
    // Blocks, each of whose inputs has two gradients, which are added.
    let y = startOf(input) as tf.Tensor4D;
    for (const seed of filters) y = layer(layer(y, 2 * seed), 2 * seed + 1, y);
    return tf.sum(endOf(y));
  })(x);
  // Two activations of each layer; and what is left of them, with the twelve sums of two gradients, which are tfjs's.
  expect(atEnd - before.numBytes).toBeGreaterThan(48 * activation);
  expect(atStart - before.numBytes).toBeLessThan(20 * activation);
  gradient.dispose();
  expect(tf.memory().numTensors).toBe(before.numTensors);
  x.dispose();
});

it('gives the same gradients again for the same tensor, alone and with others', () => {
  const x = random(shape, 2) as tf.Tensor4D;
  const gradient = tf.grad((input) => tf.sum(layer(layer(input as tf.Tensor4D, 1), 2, input as tf.Tensor4D)));
  const [first, again] = [gradient(x), gradient(x)];
  expect(again.dataSync()).toEqual(first.dataSync());
  // A copy has the same values in the same memory, and gradients of its own.
  const copied = tf.grad((input) => {
    const copy = input.clone() as tf.Tensor4D;
    return tf.sum(tf.add(layer(copy, 1), layer(layer(copy, 1), 2, input as tf.Tensor4D)));
  })(x);
  const apart = tf.grad((input) => {
    const x = input as tf.Tensor4D;
    return tf.sum(tf.add(layer(x, 1), layer(layer(x, 1), 2, x)));
  })(x);
  const [found, expected] = [copied.dataSync(), apart.dataSync()];
  for (const [index, value] of found.entries()) expect(value).toBeCloseTo(expected[index]!, 4);
  tf.dispose([x, first, again, copied, apart]);
});
