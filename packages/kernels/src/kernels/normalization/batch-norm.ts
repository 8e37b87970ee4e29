import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, KernelInputs } from '../../contracts/contract.js';
import type { Context } from '../../runtime/context.js';
import { check } from '../../runtime/refused.js';
import { checkFloats, isEmpty, isShape, sizeOf } from '../../runtime/sizes.js';
import { checkPixels, checkResidual, checkVectors } from '../convolution/conv2d.js';
import { convolve } from '../convolution/convolution.js';
import { operationGeometry, outputShape } from '../convolution/geometry.js';
import { kernel } from '../kernel.js';

type Inputs = KernelInputs<'BatchNormTraining'>;
type Normalization = Attributes<'BatchNormTraining'>;

/** Chunks whose sums are added in order; enough for any number of threads. */
const FIXED_CHUNKS = 32;

/** y = relu(normalized + residual) with the statistics of x → [y, mean, biased variance] */
export const batchNormTraining = kernel('BatchNormTraining', (context, inputs, attributes) => {
  const { x, residual } = inputs;
  checkFloats(x, residual);
  check(x.shape.length > 0 && !isEmpty(x), 'there is nothing to normalize.');
  check(!residual || isShape(residual, x.shape), 'the residual must be of the shape of x.');
  const { runtime } = context;
  const channels = x.shape.at(-1)!;
  checkAffine(inputs, channels, attributes);
  const y = runtime.output(x.shape);
  const [mean, variance] = [runtime.output([channels]), runtime.output([channels])];
  const outputs = { y, mean, variance };
  const task = normalization(context, inputs, attributes, runtime.address(x), outputs, sizeOf(x) / channels);
  const { chunks } = task;
  task.totals = runtime.buffer('totals', 16 * chunks * channels);
  runtime.run('normalizationStatistics', task, chunks);
  runtime.run('normalizationMoments', task, 1);
  runtime.run('normalizationApply', task, chunks);
  return [y, mean, variance];
});

/** The same after a convolution, whose last step takes the statistics → [y, mean, biased variance, convolved] */
export const convBatchNormTraining = kernel('ConvBatchNormTraining', (context, inputs, attributes) => {
  const { x, filter } = inputs;
  checkFloats(x, filter);
  const { runtime } = context;
  const geometry = operationGeometry(x, filter, attributes);
  const { images, outHeight, outWidth, outChannels: channels } = geometry;
  checkAffine(inputs, channels, attributes);
  checkResidual(geometry, inputs.residual);
  checkPixels(x, filter);
  check(!outputShape(geometry).includes(0), 'there is nothing to normalize.');
  const shape = [images, outHeight, outWidth, channels];
  const [convolved, y] = [runtime.output(shape), runtime.output(shape)];
  const [mean, variance] = [runtime.output([channels]), runtime.output([channels])];
  const convolvedAddress = runtime.address(convolved);
  const parts = convolve(context, geometry, runtime.address(x), filter, convolvedAddress, {
    statistics: true,
  });
  const outputs = { y, mean, variance };
  const pixels = images * outHeight * outWidth;
  const task = normalization(context, inputs, attributes, convolvedAddress, outputs, pixels);
  const { chunks } = task;
  task.totals = runtime.buffer('totals', 0);
  task.chunks = parts;
  runtime.run('normalizationMoments', task, 1);
  task.chunks = chunks;
  runtime.run('normalizationApply', task, chunks);
  return [y, mean, variance, convolved];
});

/** A convolution, then the normalization with given statistics, residual and ReLU, in one pass. */
export const convBatchNormInference = kernel('ConvBatchNormInference', (context, inputs, attributes) => {
  const { x, filter, mean, variance, residual } = inputs;
  checkFloats(x, filter);
  const { runtime } = context;
  const geometry = operationGeometry(x, filter, attributes);
  const { images, outHeight, outWidth, outChannels: channels } = geometry;
  checkAffine(inputs, channels, attributes);
  checkResidual(geometry, residual);
  checkVectors(channels, mean, variance);
  const y = runtime.output([images, outHeight, outWidth, channels]);
  if (isEmpty(y)) return y;
  checkPixels(x, filter);
  const task = normalization(context, inputs, attributes, 0, { y, mean, variance }, 0);
  runtime.run('normalizationMoments', task, 1);
  convolve(context, geometry, runtime.address(x), filter, runtime.address(y), {
    scale: task.scale,
    shift: task.shift,
    residual: residual ? runtime.address(residual) : 0,
    relu: attributes.relu,
  });
  return y;
});

/** → [dx, dGamma, dBeta], and the residual's gradient where there was one */
export const batchNormTrainingGradient = kernel(
  'BatchNormTrainingGradient',
  ({ runtime }, { dy, x, y, gamma, mean, variance }, { epsilon, relu, residual }) => {
    checkFloats(dy, x, y);
    check(x.shape.length > 0 && !isEmpty(x), 'there is nothing to normalize.');
    check(isShape(dy, x.shape) && isShape(y, x.shape), 'dy and y must be of the shape of x.');
    const channels = x.shape.at(-1)!;
    checkVectors(channels, gamma, mean, variance);
    check(epsilon >= 0, 'epsilon is a number of at least 0.');
    const pixels = sizeOf(x) / channels;
    const { pixelsPerChunk, chunks } = partition(pixels);
    const dx = runtime.output(x.shape);
    const [dGamma, dBeta] = [runtime.output([channels]), runtime.output([channels])];
    const dResidual = residual ? runtime.output(x.shape) : undefined;
    const factors = runtime.buffer('factors', 12 * channels);
    const task = {
      x: runtime.address(x),
      y: runtime.address(y),
      dy: runtime.address(dy),
      pixels,
      channels,
      pixelsPerChunk,
      chunks,
      relu: Number(relu),
      epsilon,
      gamma: runtime.address(gamma),
      mean: runtime.address(mean),
      variance: runtime.address(variance),
      totals: runtime.buffer('totals', 16 * chunks * channels),
      dGamma: runtime.address(dGamma),
      dBeta: runtime.address(dBeta),
      fromGradient: factors,
      fromInput: factors + 4 * channels,
      constant: factors + 8 * channels,
      dx: runtime.address(dx),
      dResidual: dResidual ? runtime.address(dResidual) : 0,
    };
    runtime.run('normalizationGradientSums', task, chunks);
    runtime.run('normalizationGradientMoments', task, 1);
    runtime.run('normalizationGradientApply', task, chunks);
    return dResidual ? [dx, dGamma, dBeta, dResidual] : [dx, dGamma, dBeta];
  },
);

/** The task of the kernels in assembly/normalization.ts, without sums; written out, as spreading makes objects slowly. */
function normalization(
  { runtime }: Context,
  { gamma, beta, residual }: Omit<Inputs, 'x'>,
  { epsilon, relu }: Normalization,
  x: number,
  { y, mean, variance }: Record<'y' | 'mean' | 'variance', TensorInfo>,
  pixels: number,
) {
  const channels = sizeOf(gamma);
  const { pixelsPerChunk, chunks } = partition(pixels);
  const factors = runtime.buffer('factors', 12 * channels);
  return {
    x,
    y: runtime.address(y),
    residual: residual ? runtime.address(residual) : 0,
    zeros: runtime.zeros(16),
    pixels,
    channels,
    pixelsPerChunk,
    chunks,
    relu: Number(relu),
    epsilon,
    gamma: runtime.address(gamma),
    beta: runtime.address(beta),
    mean: runtime.address(mean),
    variance: runtime.address(variance),
    totals: 0,
    scale: factors,
    shift: factors + 4 * channels,
  };
}

function checkAffine(
  { gamma, beta }: Pick<Inputs, 'gamma' | 'beta'>,
  channels: number,
  { epsilon }: Normalization,
): void {
  checkVectors(channels, gamma, beta);
  check(epsilon >= 0, 'epsilon is a number of at least 0.');
}

function partition(pixels: number): { pixelsPerChunk: number; chunks: number } {
  const pixelsPerChunk = Math.max(128, Math.ceil(pixels / FIXED_CHUNKS));
  return { pixelsPerChunk, chunks: Math.ceil(pixels / pixelsPerChunk) };
}
