import type * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { Array64 } from './reference.js';

/** The largest difference, relative to the largest value. */
export async function differenceOf(actual: tf.Tensor, expected: Array64): Promise<number> {
  expect(actual.shape).toEqual(expected.shape);
  let [difference, largest] = [0, 1e-3];
  for (const [index, value] of (await actual.data()).entries()) {
    difference = Math.max(difference, Math.abs(value - expected.data[index]!));
    largest = Math.max(largest, Math.abs(expected.data[index]!));
  }
  return difference / largest;
}
