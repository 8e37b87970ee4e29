import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';
import { freeLater, freeReceived, giveAway } from '../operation/gradient-lifetime.js';
import { disposeUnread } from '../patches/unread-output.js';
import {
  affineOf,
  type BatchNormParameters,
  batchNormTraining,
  batchNormTrainingGradient,
  type Epilogue,
  type Moments,
} from './batch-norm.js';
import { channelSum } from './channel-mean.js';
import { type ConvGeometry, checkConvolution, conv2d, filterGradient, inputGradient } from './conv2d.js';
import { reluGradient } from './relu-gradient.js';

const runTraining = defineOperation('ConvBatchNormTraining', {
  forward: ({ x, filter, gamma, beta, residual }, { stride, padding, dilation, epsilon, relu }) => {
    const convolved = conv2d(x, filter, { stride, padding, dilation });
    const { y, mean, variance } = batchNormTraining(convolved, { gamma, beta, epsilon }, { residual, relu });
    return [y, mean, variance, convolved];
  },
  saved: { inputs: ['x', 'filter', 'gamma'], outputs: [0, 1, 2, 3] },
  gradient: (dy, [x, filter, gamma, y, mean, variance, convolved], attributes) => {
    const { dx, dGamma, dBeta, dResidual } = batchNormTrainingGradient(
      { dy, x: convolved, y, gamma, mean, variance },
      attributes,
    );
    freeReceived(dy);
    // Before the gradients of the convolution are made, not after them as the rest.
    tf.dispose([y, convolved]);
    freeLater(dx);
    return {
      x: () => giveAway(inputGradient(dx, filter, x.shape, attributes)),
      filter: () => filterGradient(x, dx, filter.shape, attributes),
      gamma: () => dGamma,
      beta: () => dBeta,
      residual: () => giveAway(dResidual!),
    };
  },
});

/**
 * Convolution, batch normalization with this batch's statistics, residual addition and ReLU: one layer of the
 * paper's networks in training (Section 3.4: normalization right after each convolution, before activation).
 * Differentiable in all tensors that go in.
 *
 * @returns as `batchNormTraining`
 */
export function convBatchNormTraining(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  { gamma, beta, epsilon }: BatchNormParameters,
  { residual, relu = false }: Epilogue = {},
): { y: tf.Tensor4D } & Moments {
  checkConvolution(x, filter, geometry);
  const [y, mean, variance, convolved] = runTraining(
    { x, filter, gamma, beta, residual },
    { dilation: 1, ...geometry, epsilon, relu, residual: residual !== undefined },
  );
  disposeUnread(convolved);
  return { y, mean, variance };
}

const runInference = defineOperation('ConvBatchNormInference', {
  forward: ({ x, filter, gamma, beta, mean, variance, residual }, attributes) => {
    const { stride, padding, dilation, epsilon, relu } = attributes;
    const { scale, shift } = affineOf({ mean, variance }, gamma, beta, epsilon);
    const folded = tf.mul<tf.Tensor4D>(filter, scale);
    return conv2d(x, folded, { stride, padding, dilation, bias: shift, residual, relu });
  },
  saved: { inputs: ['x', 'filter', 'gamma', 'mean', 'variance'], outputs: [0] },
  gradient: (dy, [x, filter, gamma, mean, variance, y], attributes) => {
    const dSum = attributes.relu ? reluGradient(dy, y) : dy;
    const inverse = tf.rsqrt(tf.add(variance, attributes.epsilon));
    const scale = tf.mul<tf.Tensor1D>(gamma, inverse);
    // With F' = F · scale and shift = beta - mean · scale, the layer is the convolution by F' and a bias.
    const dFolded = () => filterGradient(x, dSum, filter.shape, attributes);
    const dShift = () => channelSum(dSum);
    const dScale = () =>
      tf.sub(tf.sum(tf.mul(dFolded(), filter), [0, 1, 2]), tf.mul(dShift(), mean)) as tf.Tensor1D;
    return {
      x: () => inputGradient(dSum, tf.mul(filter, scale), x.shape, attributes),
      filter: () => tf.mul(dFolded(), scale),
      gamma: () => tf.mul(dScale(), inverse),
      beta: dShift,
      mean: () => tf.neg(tf.mul(dShift(), scale)),
      variance: () => tf.mul(tf.mul(dScale(), scale), tf.mul(tf.square(inverse), -0.5)),
      residual: () => dSum.clone(),
    };
  },
});

/**
 * The same layer with given statistics: the normalization is a scale and a shift of the convolution's result, so that
 * the layer is one pass. Differentiable in all tensors that go in.
 *
 * @returns [count, outHeight, outWidth, outChannels]; owned by the caller
 */
export function convBatchNormInference(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  { gamma, beta, epsilon }: BatchNormParameters,
  { mean, variance }: Moments,
  { residual, relu = false }: Epilogue = {},
): tf.Tensor4D {
  checkConvolution(x, filter, geometry);
  return runInference(
    { x, filter, gamma, beta, mean, variance, residual },
    { dilation: 1, ...geometry, epsilon, relu, residual: residual !== undefined },
  );
}
