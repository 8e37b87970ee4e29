import { softmaxCrossEntropy } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './case.js';
import { bytesOf, noise } from './tensors.js';

const [count, classes] = [128, 1000];

function labels(): tf.Tensor1D {
  return tf.tensor1d(
    Int32Array.from({ length: count }, (_, index) => index),
    'int32',
  );
}

/** The loss with its gradient, as in training. */
export const losses: KernelCase[] = [
  {
    name: `softmax cross-entropy, forward and backward, ${count}x${classes}`,
    work: { bytes: bytesOf([count, classes], [count, classes]) },
    ours: () => {
      const [logits, expected] = [noise([count, classes]), labels()];
      const gradient = tf.valueAndGrad((logits) => softmaxCrossEntropy(logits as tf.Tensor2D, expected));
      return () => gradient(logits);
    },
    plainTfjs: () => {
      const logits = noise([count, classes]);
      const expected = tf.cast(tf.oneHot(labels(), classes), 'float32');
      const gradient = tf.valueAndGrad((logits) => tf.losses.softmaxCrossEntropy(expected, logits));
      return () => gradient(logits);
    },
  },
];
