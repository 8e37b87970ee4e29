import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvolutionAttributes } from '../../contracts/tfjs.js';
import type { Context } from '../../runtime/context.js';
import { check } from '../../runtime/refused.js';
import { asFloats, checkFloats, isEmpty, isShape, isVector } from '../../runtime/sizes.js';
import { activate, isFused } from '../elementwise/activation.js';
import { kernel } from '../kernel.js';
import { convolve, convolveBack } from './convolution.js';
import type { Epilogue } from './epilogue.js';
import { differentiateFilter } from './filter-gradient.js';
import {
  convolutionGeometry,
  type Geometry,
  geometryByGradient,
  gradientGeometry,
  operationGeometry,
  outputShape,
} from './geometry.js';

/** tf.conv2d */
export const conv2d = kernel('Conv2D', (context, { x, filter }, attributes) =>
  convolution(context, convolutionGeometry(x.shape, filter.shape, attributes), x, filter, {}),
);

/** tf.fused.conv2d */
export const fusedConv2d = kernel(
  'FusedConv2D',
  (context, { x, filter, bias, preluActivationWeights }, attributes) => {
    const geometry = convolutionGeometry(x.shape, filter.shape, attributes);
    checkVectors(geometry.outChannels, bias);
    const shift = bias ? context.runtime.address(bias) : 0;
    if (isFused(attributes)) {
      return convolution(context, geometry, x, filter, { shift, relu: attributes.activation === 'relu' });
    }
    const y = convolution(context, geometry, x, filter, { shift });
    return activate(context, y, attributes, preluActivationWeights);
  },
);

/** y = relu(convolution + bias + residual), each part where asked. */
export const fusedResidualConv2d = kernel(
  'FusedResidualConv2d',
  (context, { x, filter, bias, residual }, attributes) => {
    const geometry = operationGeometry(x, filter, attributes);
    checkVectors(geometry.outChannels, bias);
    checkResidual(geometry, residual);
    const { runtime } = context;
    return convolution(context, geometry, x, filter, {
      shift: bias ? runtime.address(bias) : 0,
      residual: residual ? runtime.address(residual) : 0,
      relu: attributes.relu,
    });
  },
);

/** The gradient of a convolution's input. */
export const conv2dBackpropInput = kernel('Conv2DBackpropInput', (context, { dy, filter }, attributes) => {
  checkFloats(dy, filter);
  const { runtime } = context;
  const geometryFor = (given: ConvolutionAttributes) =>
    convolutionGeometry(attributes.inputShape, filter.shape, given);
  const geometry = geometryByGradient(geometryFor, attributes, dy);
  const gradient = cornerOf(context, dy, geometry);
  if (isEmpty(gradient) || attributes.inputShape.includes(0) || isEmpty(filter)) {
    return runtime.outputOfZeros(attributes.inputShape);
  }
  const dx = runtime.output(attributes.inputShape);
  convolveBack(context, geometry, runtime.address(gradient), filter, runtime.address(dx));
  return dx;
});

/** tfjs takes a dy that is larger than the convolution's output, and reads its corner. */
function cornerOf({ runtime, stock }: Context, dy: TensorInfo, geometry: Geometry): TensorInfo {
  const size = outputShape(geometry);
  if (isShape(dy, size)) return dy;
  const isLarger = dy.shape.length === 4 && size.every((length, axis) => dy.shape[axis]! >= length);
  check(
    isLarger && dy.shape[0] === size[0] && dy.shape[3] === size[3],
    `dy must be of the output's shape [${size}].`,
  );
  return runtime.passing(stock('Slice', { x: dy }, { begin: [0, 0, 0, 0], size }));
}

/** The gradient of a convolution's filter, which tfjs's WASM backend lacks. */
export const conv2dBackpropFilter = kernel('Conv2DBackpropFilter', (context, { x, dy }, attributes) => {
  checkFloats(dy);
  const { filterShape } = attributes;
  const geometryFor = (given: ConvolutionAttributes) => convolutionGeometry(x.shape, filterShape, given);
  const geometry = gradientGeometry(geometryFor, attributes, dy);
  const { runtime } = context;
  if (isEmpty(x) || isEmpty(dy) || filterShape.includes(0)) return runtime.outputOfZeros(filterShape);
  const images = asFloats(context, x);
  const gradient = runtime.output(filterShape);
  differentiateFilter(
    context,
    geometry,
    runtime.address(images),
    runtime.address(dy),
    runtime.address(gradient),
  );
  return gradient;
});

function convolution(
  context: Context,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  epilogue: Epilogue,
): TensorInfo {
  checkFloats(filter);
  const { runtime } = context;
  const images = asFloats(context, x);
  const y = runtime.output(outputShape(geometry));
  if (isEmpty(y)) return y;
  checkPixels(x, filter);
  convolve(context, geometry, runtime.address(images), filter, runtime.address(y), epilogue);
  return y;
}

/** Refuses outputs that would consist of padding alone. */
export function checkPixels(x: TensorInfo, filter: TensorInfo): void {
  check(!isEmpty(x) && !isEmpty(filter), 'images of no pixels or channels have no convolution.');
}

/** @throws Refusal unless all tensors that are given are float32 [channels] */
export function checkVectors(channels: number, ...tensors: (TensorInfo | undefined)[]): void {
  checkFloats(...tensors);
  for (const tensor of tensors) {
    check(!tensor || isVector(tensor, channels), `a value for each of ${channels} channels is needed.`);
  }
}

export function checkResidual(geometry: Geometry, residual: TensorInfo | undefined): void {
  checkFloats(residual);
  const shape = outputShape(geometry);
  check(!residual || isShape(residual, shape), `the residual must be of the output's shape [${shape}].`);
}
