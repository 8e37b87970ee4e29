import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useBackend } from './backend.js';

/** Gradients of a program that knows nothing of this project, on the backend that is current. */
function gradients(strides: [number, number], pad: 'same' | 'valid'): number[][] {
  return tf.tidy(() => {
    const x = tf.randomNormal<tf.Rank.R4>([3, 9, 8, 3], 0, 1, 'float32', 1);
    const filter = tf.randomNormal<tf.Rank.R4>([3, 2, 3, 4], 0, 1, 'float32', 2);
    const program = (x: tf.Tensor4D, filter: tf.Tensor4D) => {
      const pooled = tf.maxPool(tf.conv2d(x, filter, strides, pad), 2, [1, 2], 'same');
      return tf.sum(tf.square(tf.softplus(pooled)));
    };
    return tf
      .grads(program as never)([x, filter])
      .map((gradient) => [...gradient.dataSync()]);
  });
}

describe('a plain tfjs program on WASM', () => {
  const settings: [[number, number], 'same' | 'valid'][] = [
    [[1, 1], 'same'],
    [[2, 2], 'same'],
    [[2, 1], 'valid'],
    [[1, 3], 'same'],
  ];
  it.each(settings)('has the gradients of the CPU backend, strides %s, padding %s', async (strides, pad) => {
    const cpu = await useBackend('cpu');
    const expected = gradients(strides, pad);
    cpu.dispose();
    const wasm = await useBackend('wasm', { threads: 1 });
    const actual = gradients(strides, pad);
    wasm.dispose();
    for (const [index, values] of expected.entries()) {
      const largest = Math.max(...values.map(Math.abs));
      const difference = Math.max(...values.map((value, i) => Math.abs(value - actual[index]![i]!)));
      expect(difference / largest).toBeLessThan(1e-5);
    }
  });
});
