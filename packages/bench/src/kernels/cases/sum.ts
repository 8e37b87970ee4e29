import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case.js';
import { bytesOf, noise } from './tensors.js';

const shape = [128, 32, 32, 16];

function prepare(): () => tf.Tensor {
  const [a, b] = [noise(shape), noise(shape)];
  return () => tf.add(a, b);
}

/** The sum of two gradients, where the two paths of a residual block meet. */
export const sums: KernelCase[] = [
  {
    name: `sum of two tensors, ${shape.join('x')}`,
    work: { bytes: bytesOf(shape, shape, shape) },
    ours: prepare,
    plainTfjs: prepare,
  },
];
