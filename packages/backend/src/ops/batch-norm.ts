import { ResnetError } from '@resnet/core';
import type { Attributes, CallInputs } from '@resnet/kernels/contracts';
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';
import { channelAffine } from './channel-affine.js';
import { channelMean } from './channel-mean.js';
import { reluGradient } from './relu-gradient.js';

/** The learned parameters of a batch normalization, each [channels]. */
export interface BatchNormParameters {
  gamma: tf.Tensor1D;
  beta: tf.Tensor1D;
  /** Added to the variance. PyTorch's default is 1e-5. */
  epsilon: number;
}

/** The mean and variance of each channel, each [channels]. */
export interface Moments {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
}

/** What may follow a normalization: y = relu(normalized + residual). */
export interface Epilogue {
  residual?: tf.Tensor4D | undefined;
  relu?: boolean;
}

const run = defineOperation('BatchNormTraining', {
  forward: ({ x, gamma, beta, residual }, { epsilon, relu }) => {
    const mean: tf.Tensor1D = channelMean(x);
    const centered = channelAffine(x, tf.onesLike<tf.Tensor1D>(mean), tf.neg<tf.Tensor1D>(mean));
    const variance: tf.Tensor1D = channelMean(tf.square(centered));
    const { scale, shift } = affineOf({ mean, variance }, gamma, beta, epsilon);
    const normalized = channelAffine(x, scale, shift, relu && !residual);
    if (!residual) return [normalized, mean, variance];
    const sum = tf.add(normalized, residual);
    return [relu ? tf.relu(sum) : sum, mean, variance];
  },
  saved: { inputs: ['x', 'gamma'], outputs: [0, 1, 2] },
  gradient: (dy, [x, gamma, y, mean, variance], attributes) => {
    const { dx, dGamma, dBeta, dResidual } = batchNormTrainingGradient(
      { dy, x, y, gamma, mean, variance },
      attributes,
    );
    return { x: () => dx, gamma: () => dGamma, beta: () => dBeta, residual: () => dResidual! };
  },
});

const runGradient = defineOperation('BatchNormTrainingGradient', {
  forward: ({ dy, x, y, gamma, mean, variance }, { epsilon, relu, residual }) => {
    const pixels = x.size / mean.size;
    const dSum = relu ? reluGradient(dy, y) : dy;
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    // Centered first: x can be far from 0, where the sum of x · dy would lose its last digits.
    const centered = channelAffine(x, tf.onesLike(mean), tf.neg(mean));
    const dMean = channelMean(dSum);
    const correlation = tf.mul<tf.Tensor1D>(channelMean(tf.mul(dSum, centered)), inverse);
    const scale = tf.mul<tf.Tensor1D>(gamma, inverse);
    const fromDy = channelAffine(dSum, scale, tf.neg(tf.mul<tf.Tensor1D>(scale, dMean)));
    const slope = tf.neg(tf.mul<tf.Tensor1D>(tf.mul(scale, inverse), correlation));
    const dx = tf.add(fromDy, channelAffine(x, slope, tf.neg(tf.mul<tf.Tensor1D>(slope, mean))));
    const [dGamma, dBeta] = [tf.mul(correlation, pixels), tf.mul(dMean, pixels)];
    return residual ? [dx, dGamma, dBeta, dSum.clone()] : [dx, dGamma, dBeta];
  },
});

/** The gradients of `batchNormTraining`, all at once; `dResidual` where there was one. */
export function batchNormTrainingGradient(
  inputs: CallInputs<'BatchNormTrainingGradient'>,
  attributes: Attributes<'BatchNormTrainingGradient'>,
): { dx: tf.Tensor4D; dGamma: tf.Tensor1D; dBeta: tf.Tensor1D; dResidual?: tf.Tensor4D | undefined } {
  const [dx, dGamma, dBeta, dResidual] = runGradient(inputs, attributes);
  return { dx, dGamma, dBeta, dResidual };
}

/**
 * Batch normalization with the statistics of this batch, as in training ("Batch Normalization", Algorithm 1),
 * then residual addition and ReLU where asked. Differentiable in x, gamma, beta and residual.
 *
 * @param x [count, height, width, channels]
 * @returns `y`, the shape of x, and the batch's mean and biased variance, which carry no gradient; all owned by
 *   the caller
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  { gamma, beta, epsilon }: BatchNormParameters,
  { residual, relu = false }: Epilogue = {},
): { y: tf.Tensor4D } & Moments {
  checkChannels(x, gamma);
  const [y, mean, variance] = run(
    { x, gamma, beta, residual },
    { epsilon, relu, residual: residual !== undefined },
  );
  return { y, mean, variance };
}

/**
 * Batch normalization with given statistics, as in testing or when frozen, then residual addition and ReLU
 * where asked. Differentiable in x, gamma, beta and residual.
 *
 * @param x [count, height, width, channels]
 * @returns the shape of x; owned by the caller
 */
export function batchNormInference(
  x: tf.Tensor4D,
  { gamma, beta, epsilon }: BatchNormParameters,
  moments: Moments,
  { residual, relu = false }: Epilogue = {},
): tf.Tensor4D {
  checkChannels(x, gamma);
  return tf.tidy(() => {
    const { scale, shift } = affineOf(moments, gamma, beta, epsilon);
    if (!residual) return channelAffine(x, scale, shift, relu);
    const sum = tf.add<tf.Tensor4D>(channelAffine(x, scale, shift), residual);
    return relu ? tf.relu(sum) : sum;
  });
}

/** The normalization as x · scale + shift. Differentiable. */
export function affineOf(
  { mean, variance }: Moments,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon: number,
): { scale: tf.Tensor1D; shift: tf.Tensor1D } {
  const scale = tf.mul<tf.Tensor1D>(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  return { scale, shift: tf.sub<tf.Tensor1D>(beta, tf.mul(mean, scale)) };
}

function checkChannels(x: tf.Tensor4D, gamma: tf.Tensor1D): void {
  if (x.shape[3] === gamma.size) return;
  const message = `A batch normalization of ${gamma.size} channels got images of shape [${x.shape}].`;
  throw new ResnetError('SHAPE_MISMATCH', message);
}
