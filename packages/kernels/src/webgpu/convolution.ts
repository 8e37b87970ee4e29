import { getKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, KernelInputs } from '../contracts/contract.js';
import { areFloats, kernel } from './kernel.js';
import { elementwise, makeFloats, runEach } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** y = relu(convolution + bias + residual), each part where asked. The convolution is tfjs's. */
export const fusedResidualConv2d = kernel('FusedResidualConv2d', (backend, inputs, attributes) => {
  const { x, filter, bias, residual } = inputs;
  return areFloats(x, filter, bias, residual) ? convolve(backend, inputs, attributes) : undefined;
});

/** A convolution, then the normalization with given statistics, folded into its filter and bias, residual and ReLU. */
export const convBatchNormInference = kernel(
  'ConvBatchNormInference',
  (backend, { x, filter, gamma, beta, mean, variance, residual }, { epsilon, ...attributes }) => {
    if (!areFloats(x, filter, gamma, beta, mean, variance, residual)) return undefined;
    const [folded, shift] = makeFloats(backend, filter.shape, beta.shape);
    runEach(backend, FOLDING, { folded, shift, weights: filter, gamma, beta, mean, variance }, { epsilon });
    const inputs = { x, filter: folded, bias: shift, ...(residual ? { residual } : {}) };
    const y = convolve(backend, inputs, attributes);
    for (const { dataId } of [folded, shift]) backend.disposeData(dataId);
    return y;
  },
);

function convolve(
  backend: TfjsWebgpuBackend,
  { x, filter, bias, residual }: KernelInputs<'FusedResidualConv2d'>,
  { stride, padding, dilation, relu }: Attributes<'FusedResidualConv2d'>,
): TensorInfo {
  const isReluFirst = relu && !residual;
  const geometry = {
    strides: [stride, stride],
    pad: padding,
    dataFormat: 'NHWC',
    dilations: [dilation, dilation],
  };
  const { kernelFunc } = getKernel(bias || isReluFirst ? 'FusedConv2D' : 'Conv2D', 'webgpu')!;
  const inputs = { x, filter, ...(bias ? { bias } : {}) };
  const attrs = { ...geometry, activation: isReluFirst ? 'relu' : 'linear' };
  const y = kernelFunc({ inputs, attrs, backend }) as TensorInfo;
  if (residual) runEach(backend, addition(relu), { y, residual });
  return y;
}

/** With F' = F · scale and shift = beta - mean · scale, the layer is the convolution by F' and a bias. */
const FOLDING = elementwise(
  {
    key: 'convBatchNormFolding',
    outputs: ['folded', 'shift'],
    inputs: { weights: 'f32', gamma: 'f32', beta: 'f32', mean: 'f32', variance: 'f32' },
    uniforms: { epsilon: 'f32' },
  },
  `
    let channel = index % uniforms.shiftSize;
    let scale = gamma[channel] * inverseSqrt(variance[channel] + uniforms.epsilon);
    folded[index] = weights[index] * scale;
    if (index < uniforms.shiftSize) { shift[index] = beta[channel] - mean[channel] * scale; }`,
);

/** y ← y + residual, then ReLU where asked. */
const addition = (relu: boolean) =>
  elementwise(
    { key: `addition ${relu}`, outputs: ['y'], inputs: { residual: 'f32' } },
    `
    let sum = y[index] + residual[index];
    y[index] = ${relu ? 'select(sum, 0f, sum < 0f)' : 'sum'};`,
  );
