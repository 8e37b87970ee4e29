import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

const run = defineOperation('SoftmaxCrossEntropy', {
  forward: ({ logits, labels }) => {
    const [count, classes] = logits.shape;
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const exponentials = tf.exp(shifted);
    const total = tf.sum(exponentials, 1, true);
    const oneHot = tf.cast(tf.oneHot(labels, classes), 'float32');
    const ofLabel = tf.sum(tf.mul(shifted, oneHot), 1, true);
    const loss = tf.mean(tf.sub(tf.log(total), ofLabel));
    const dLogits = tf.div(tf.sub(tf.div(exponentials, total), oneHot), count);
    return [loss, dLogits];
  },
  saved: { inputs: [], outputs: [1] },
  gradient: (dy, [dLogits]) => ({ logits: () => tf.mul(dLogits, dy) }),
});

/**
 * The mean over the batch of the softmax cross-entropy between logits and labels. Differentiable in the logits.
 *
 * @param logits [count, classes]
 * @param labels [count], int32, from 0 to classes - 1
 * @returns a scalar; owned by the caller
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const [loss, dLogits] = run({ logits, labels }, {});
  dLogits.dispose();
  return loss;
}
