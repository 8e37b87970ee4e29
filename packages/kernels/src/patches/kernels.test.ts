import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { replaceKernels, stockKernels } from './kernels.js';

const named = (name: string) =>
  new Map(['OfTfjs', 'OfOurs'].map((kernel): [string, tf.KernelFunc] => [kernel, () => [name as never]]));
const whose = (kernelName: string) => {
  const config = tf.getKernel(kernelName, 'wasm');
  return config && (config.kernelFunc({ inputs: {}, backend: {} }) as unknown[])[0];
};

it.each([
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
])('kernels are taken away in any order, %i, %i, %i: the newest that are left compute', (...order) => {
  const kernelFunc: tf.KernelFunc = () => ['tfjs' as never];
  tf.registerKernel({ kernelName: 'OfTfjs', backendName: 'wasm', kernelFunc });
  const owners = ['a', 'b', 'c'];
  const undo = owners.map((owner) => replaceKernels(named(owner)));
  expect(stockKernels().get('OfTfjs')?.kernelFunc).toBe(kernelFunc);
  let left = owners;
  for (const index of order) {
    undo[index]!();
    undo[index]!();
    left = left.filter((owner) => owner !== owners[index]);
    expect(whose('OfTfjs')).toBe(left.at(-1) ?? 'tfjs');
    expect(whose('OfOurs')).toBe(left.at(-1));
  }
  expect(tf.getKernel('OfTfjs', 'wasm').kernelFunc).toBe(kernelFunc);
  tf.unregisterKernel('OfTfjs', 'wasm');
});
