import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seeds, shapes } from '../../testing/arbitraries.js';
import { describeEach, directConfigurations } from '../../testing/configurations.js';
import { runKernelForOne, type Values } from '../../testing/run-kernel.js';
import { normalTensor } from '../../testing/tensors.js';

/** Rows of 1,024 values: around what the kernel takes, in whole rows and not. */
const sizes = fc
  .tuple(fc.integer({ min: 60, max: 200 }), fc.constantFrom(0, 0, 0, 1, 512))
  .map(([rows, more]) => [rows, 4, 256 + more]);

describeEach(directConfigurations, (configuration, exactness) => {
  it('adds large tensors as float32 does', () => {
    const property = fc.property(sizes, seeds, (shape, seed) => {
      const [a, b] = [normalTensor(shape, seed), normalTensor(shape, seed + 1)];
      a.values.set([NaN, Infinity, -Infinity, Infinity], 1021);
      b.values.set([0, 1, 2, -Infinity], 1021);
      const values = a.values.map((value, index) => value + b.values[index]!);
      exactness.expect('Add', runKernelForOne('Add', { a, b }), { shape, values }, 0);
    });
    fc.assert(property, shapes(40, configuration.seed));
  });

  it('adds a tensor to itself', () => {
    const a = normalTensor([128, 1024], 3);
    const values = a.values.map((value) => 2 * value);
    const sum = tf.tidy(() => {
      const x = tf.tensor(a.values, a.shape);
      return tf.add(x, x).dataSync<'float32'>();
    });
    exactness.expect('Add', { shape: a.shape, values: sum }, { shape: a.shape, values }, 0);
  });

  it('leaves broadcasting and whole numbers to tfjs', () => {
    const a = normalTensor([128, 1024], 4);
    const row = normalTensor([1024], 5);
    const values = a.values.map((value, index) => value + row.values[index % 1024]!);
    exactness.expect('Add', runKernelForOne('Add', { a, b: row }), { shape: a.shape, values }, 0);

    const counts: Values<Int32Array> = {
      shape: [128, 1024],
      values: Int32Array.from(a.values, (_, index) => index),
    };
    const doubled = tf.tidy(() => {
      const x = tf.tensor(counts.values, counts.shape, 'int32');
      return tf.add(x, x).dataSync();
    });
    expect([...doubled]).toEqual([...counts.values].map((count) => 2 * count));
  });
});
