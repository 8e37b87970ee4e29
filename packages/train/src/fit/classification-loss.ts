import { softmaxCrossEntropy } from '@resnet/backend';
import type { Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import type { LabeledPart } from './labeled-input.js';
import type { PartLoss } from './task.js';

/**
 * The mean cross-entropy of images, and how many are misclassified.
 *
 * @param smoothing the share of each label that is spread over all classes
 */
export function classificationLoss(network: Network, part: LabeledPart, smoothing: number): PartLoss {
  const logits = network.forward(part.images);
  const errors = countErrors(logits, part);
  return { loss: lossOf(logits, part, smoothing), errors };
}

/** The right class of a mixed image is the one that it has more of. */
function countErrors(logits: tf.Tensor2D, { labels, mixed }: LabeledPart): tf.Scalar {
  const right = mixed && mixed.share < 0.5 ? mixed.labels : labels;
  return tf.tidy(() =>
    tf.sum<tf.Scalar>(tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.tensor1d(right, 'int32')), 'int32')),
  );
}

function lossOf(logits: tf.Tensor2D, { labels, mixed }: LabeledPart, smoothing: number): tf.Scalar {
  const loss = softmaxCrossEntropy(logits, tf.tensor1d(labels, 'int32'));
  const hard = mixed
    ? tf.add<tf.Scalar>(
        tf.mul(loss, mixed.share),
        tf.mul(softmaxCrossEntropy(logits, tf.tensor1d(mixed.labels, 'int32')), 1 - mixed.share),
      )
    : loss;
  if (smoothing === 0) return hard;
  const spread = tf.mean<tf.Scalar>(tf.sub(tf.logSumExp(logits, 1), tf.mean(logits, 1)));
  return tf.add(tf.mul(hard, 1 - smoothing), tf.mul(spread, smoothing));
}
