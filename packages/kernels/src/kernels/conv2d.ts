import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Context } from '../context.js';
import { convolve, convolveBack } from '../convolution.js';
import type { Ending } from '../ending.js';
import { differentiateFilter } from '../filter-gradient.js';
import { type ConvolutionAttributes, convolutionGeometry, type Geometry } from '../geometry.js';
import type { Kernel } from './kernel.js';

/** tf.conv2d */
export const conv2d: Kernel = (
  context,
  { x, filter }: { x: TensorInfo; filter: TensorInfo },
  attributes: ConvolutionAttributes,
) => {
  if (!areFloats(x, filter)) return undefined;
  const geometry = convolutionGeometry(x.shape, filter.shape, attributes);
  return geometry && convolution(context, geometry, x, filter, {});
};

/** tf.fused.conv2d */
export const fusedConv2d: Kernel = (
  context,
  { x, filter, bias }: { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo },
  attributes: ConvolutionAttributes & { activation: string },
) => {
  const { activation } = attributes;
  if (!areFloats(x, filter) || (activation !== 'linear' && activation !== 'relu')) return undefined;
  const geometry = convolutionGeometry(x.shape, filter.shape, attributes);
  if (!geometry || (bias && !isVector(bias, geometry.outChannels))) return undefined;
  const shift = bias ? context.runtime.address(bias) : 0;
  return convolution(context, geometry, x, filter, { shift, relu: activation === 'relu' });
};

/** y = relu(convolution + bias + residual), each part where asked. */
export const fusedResidualConv2d: Kernel = (
  context,
  {
    x,
    filter,
    bias,
    residual,
  }: { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo; residual?: TensorInfo },
  { stride, padding, dilation, relu }: { stride: number; padding: number; dilation: number; relu: boolean },
) => {
  if (!areFloats(x, filter)) return undefined;
  const geometry = convolutionGeometry(x.shape, filter.shape, {
    strides: stride,
    pad: padding,
    dilations: dilation,
  });
  const { runtime } = context;
  return (
    geometry &&
    convolution(context, geometry, x, filter, {
      shift: bias ? runtime.address(bias) : 0,
      residual: residual ? runtime.address(residual) : 0,
      relu,
    })
  );
};

/** The gradient of a convolution's input. */
export const conv2dBackpropInput: Kernel = (
  context,
  { dy, filter }: { dy: TensorInfo; filter: TensorInfo },
  attributes: ConvolutionAttributes & { inputShape: number[] },
) => {
  if (!areFloats(dy, filter)) return undefined;
  const geometry = convolutionGeometry(attributes.inputShape, filter.shape, attributes);
  // tfjs takes a dy that is larger than the convolution's output, and reads its corner.
  if (!geometry || !isOutput(dy, geometry)) return undefined;
  const { runtime } = context;
  const dx = runtime.output(attributes.inputShape);
  convolveBack(context, geometry, runtime.address(dy), filter, runtime.address(dx));
  return dx;
};

/** The gradient of a convolution's filter, which tfjs's WASM backend lacks. */
export const conv2dBackpropFilter: Kernel = (
  context,
  { x, dy }: { x: TensorInfo; dy: TensorInfo },
  attributes: ConvolutionAttributes & { filterShape: number[] },
) => {
  if (!areFloats(x, dy)) return undefined;
  const geometry = convolutionGeometry(x.shape, attributes.filterShape, attributes);
  if (!geometry || !isOutput(dy, geometry)) return undefined;
  const { runtime } = context;
  const gradient = runtime.output(attributes.filterShape);
  differentiateFilter(context, geometry, runtime.address(x), runtime.address(dy), runtime.address(gradient));
  return gradient;
};

function convolution(
  context: Context,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  ending: Ending,
): TensorInfo {
  const { runtime } = context;
  const { images, outHeight, outWidth, outChannels } = geometry;
  const y = runtime.output([images, outHeight, outWidth, outChannels]);
  convolve(context, geometry, runtime.address(x), filter, runtime.address(y), ending);
  return y;
}

export function areFloats(...tensors: TensorInfo[]): boolean {
  return tensors.every(({ dtype, shape }) => dtype === 'float32' && !shape.includes(0));
}

function isOutput({ shape }: TensorInfo, geometry: Geometry): boolean {
  const { images, outHeight, outWidth, outChannels } = geometry;
  return [images, outHeight, outWidth, outChannels].every((size, axis) => size === shape[axis]);
}

function isVector({ shape }: TensorInfo, size: number): boolean {
  return shape.length === 1 && shape[0] === size;
}
