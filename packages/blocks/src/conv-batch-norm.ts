import { convBatchNormInference, convBatchNormTraining, type Ending } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchNorm } from './batch-norm.js';
import type { Conv2d } from './conv2d.js';

/**
 * One layer of the paper's networks: convolution, batch normalisation, and where asked the addition of the
 * shortcut and ReLU, as one operation of the backend.
 *
 * @returns owned by the caller
 */
export function convBatchNorm(
  x: tf.Tensor4D,
  conv: Conv2d,
  norm: BatchNorm,
  ending: Ending = {},
): tf.Tensor4D {
  const { geometry } = conv;
  if (!norm.usesBatchStatistics) {
    return convBatchNormInference(x, conv.filter, geometry, norm.parameters, norm.runningMoments, ending);
  }
  return tf.tidy(() => {
    const { y, ...moments } = convBatchNormTraining(x, conv.filter, geometry, norm.parameters, ending);
    norm.updateRunning(moments, y.size / y.shape[3]);
    return y;
  });
}
