import { batchNormTraining } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case.js';
import { bytesOf, noise } from './tensors.js';

type BatchNorm = (x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D, residual: tf.Tensor4D) => tf.Tensor;

const shape = [128, 32, 32, 16];
const epsilon = 1e-5;

function forwardAndBackward(batchNorm: BatchNorm): () => () => tf.Tensor[] {
  return () => {
    const [gamma, beta] = [noise([shape[3]!]), noise([shape[3]!])];
    const [x, residual, dy] = [noise(shape), noise(shape), noise(shape)];
    const gradients = tf.grads((x, gamma, beta, residual) =>
      batchNorm(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, residual as tf.Tensor4D),
    );
    return () => gradients([x, gamma, beta, residual], dy);
  };
}

/** Batch normalization, addition of the shortcut and ReLU, as in training: forward and backward. */
export const batchNorms: KernelCase[] = [
  {
    name: `batch norm + add + relu, forward and backward, ${shape.join('x')}`,
    // x, shortcut and y; then x, y and dy, and the gradients of x and the shortcut.
    work: { bytes: bytesOf(...Array.from({ length: 8 }, () => shape)) },
    ours: forwardAndBackward(
      (x, gamma, beta, residual) =>
        batchNormTraining(x, { gamma, beta, epsilon }, { residual, relu: true }).y,
    ),
    plainTfjs: forwardAndBackward((x, gamma, beta, residual) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const y = tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, epsilon);
      return tf.relu(tf.add(y, residual));
    }),
  },
];
