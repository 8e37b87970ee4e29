import { getKernel, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, KernelInputs } from '../contracts/contract.js';
import { areFloats, kernel, sizeOf } from './kernel.js';
import { each, run, type Shader, workgroupsFor } from './shader.js';
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
    const folded = backend.makeTensorInfo(filter.shape, 'float32');
    const shift = backend.makeTensorInfo(beta.shape, 'float32');
    run(backend, FOLDING, {
      buffers: { folded, shift, weights: filter, gamma, beta, mean, variance },
      uniforms: { epsilon },
      workgroups: workgroupsFor(backend, sizeOf(filter)),
    });
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
  const y =
    bias || isReluFirst
      ? runTfjs(
          backend,
          'FusedConv2D',
          { x, filter, ...(bias ? { bias } : {}) },
          {
            ...geometry,
            activation: isReluFirst ? 'relu' : 'linear',
          },
        )
      : runTfjs(backend, 'Conv2D', { x, filter }, geometry);
  if (residual) {
    run(backend, addition(relu), {
      buffers: { y, residual },
      uniforms: {},
      workgroups: workgroupsFor(backend, sizeOf(y)),
    });
  }
  return y;
}

function runTfjs(
  backend: TfjsWebgpuBackend,
  name: string,
  inputs: Record<string, TensorInfo>,
  attrs: object,
): TensorInfo {
  const { kernelFunc } = getKernel(name, 'webgpu')!;
  return kernelFunc({ inputs, attrs: attrs as NamedAttrMap, backend }) as TensorInfo;
}

/** With F' = F · scale and shift = beta - mean · scale, the layer is the convolution by F' and a bias. */
const FOLDING: Shader = {
  key: 'convBatchNormFolding',
  outputs: ['folded', 'shift'],
  inputs: { weights: 'f32', gamma: 'f32', beta: 'f32', mean: 'f32', variance: 'f32' },
  uniforms: { epsilon: 'f32' },
  code: `
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      ${each('uniforms.foldedSize')} {
        let channel = index % uniforms.shiftSize;
        let scale = gamma[channel] * inverseSqrt(variance[channel] + uniforms.epsilon);
        folded[index] = weights[index] * scale;
        if (index < uniforms.shiftSize) { shift[index] = beta[channel] - mean[channel] * scale; }
      }
    }`,
};

/** y ← y + residual, then ReLU where asked. */
const addition = (relu: boolean): Shader => ({
  key: `addition ${relu}`,
  outputs: ['y'],
  inputs: { residual: 'f32' },
  uniforms: {},
  code: `
    fn main(local: vec2u, group: vec2u, groups: vec2u) {
      ${each('uniforms.ySize')} {
        let sum = y[index] + residual[index];
        y[index] = ${relu ? 'select(sum, 0f, sum < 0f)' : 'sum'};
      }
    }`,
});
