import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, it } from 'vitest';
import { HAS_THREADS, withOneThread } from './one-thread.js';

it.each([
  [0, 1],
  [1, 0],
])('starts that overlap and end in any order, %i, %i, leave threads as they were', async (...order) => {
  tf.env().set(HAS_THREADS, true);
  const ends: (() => void)[] = [];
  const starts: Promise<void>[] = [];
  while (starts.length < 2) {
    starts.push(withOneThread(() => new Promise<void>((resolve) => ends.push(resolve))));
    while (ends.length < starts.length) await Promise.resolve();
  }
  expect(tf.env().getBool(HAS_THREADS)).toBe(false);
  for (const index of order) {
    ends[index]!();
    await starts[index];
  }
  expect(tf.env().getBool(HAS_THREADS)).toBe(true);
});
