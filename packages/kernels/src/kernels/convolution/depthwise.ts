import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvolutionAttributes } from '../../contracts/tfjs.js';
import type { Context } from '../../runtime/context.js';
import { asFloats, checkFloats, isShape, valuesOf } from '../../runtime/sizes.js';
import { activate } from '../elementwise/activation.js';
import { kernel } from '../kernel.js';
import { checkPixels, checkVectors } from './conv2d.js';
import {
  convolutionGeometry,
  type Geometry,
  gradientGeometry,
  outputShape,
  withPlainPadding,
} from './geometry.js';
import { eachTap } from './taps.js';

/** tf.depthwiseConv2d: by tfjs's kernel where that is right. */
export const depthwise = kernel('DepthwiseConv2dNative', (context, { x, filter }, attributes) =>
  convolve(context, x, filter, attributes),
);

/** tf.fused.depthwiseConv2d */
export const fusedDepthwise = kernel(
  'FusedDepthwiseConv2D',
  (context, { x, filter, bias, preluActivationWeights }, attributes) => {
    const y = convolve(context, x, filter, attributes);
    checkVectors(y.shape[3]!, bias);
    const sum = bias ? context.stock('Add', { a: context.runtime.passing(y), b: bias }) : y;
    return activate(context, sum, attributes, preluActivationWeights);
  },
);

function convolve(
  context: Context,
  x: TensorInfo,
  filter: TensorInfo,
  attributes: ConvolutionAttributes,
): TensorInfo {
  checkFloats(filter);
  const geometry = depthwiseGeometry(x.shape, filter.shape, attributes);
  const { runtime } = context;
  const images = asFloats(context, x);
  const shape = outputShape(geometry);
  if (shape.includes(0)) return runtime.output(shape);
  checkPixels(x, filter);
  const plain = { ...withPlainPadding(geometry, attributes), dilations: attributes.dilations ?? 1 };
  const isSame = isShape(
    { ...x, shape: outputShape(depthwiseGeometry(x.shape, filter.shape, plain)) },
    shape,
  );
  if (isSame && isRightInTfjs(geometry)) {
    return context.stock('DepthwiseConv2dNative', { x: images, filter }, plain);
  }
  const y = runtime.outputOfZeros(shape);
  const [values, weights, sums] = valuesOf(context.runtime, images, filter, y);
  eachTap(geometry, (pixel, inputPixel, tap) => {
    const { inChannels, outChannels } = geometry;
    let [to, from] = [pixel * outChannels, tap * outChannels];
    for (let channel = 0; channel < inChannels; channel++) {
      const value = values[inputPixel * inChannels + channel]!;
      for (let end = to + outChannels / inChannels; to < end; to++) sums[to]! += value * weights[from++]!;
    }
  });
  return y;
}

/** The gradient of a depthwise convolution's input, which tfjs's WASM backend lacks. */
export const depthwiseBackpropInput = kernel(
  'DepthwiseConv2dNativeBackpropInput',
  (context, { dy, filter }, attributes) => {
    checkFloats(dy, filter);
    const { inputShape } = attributes;
    const geometry = geometryOfGradient(inputShape, filter.shape, attributes, dy);
    const dx = context.runtime.outputOfZeros(inputShape);
    const [gradients, weights, sums] = valuesOf(context.runtime, dy, filter, dx);
    const { inChannels, outChannels } = geometry;
    eachTap(geometry, (pixel, inputPixel, tap) => {
      let [at, from] = [pixel * outChannels, tap * outChannels];
      for (let channel = 0; channel < inChannels; channel++) {
        let sum = 0;
        for (let end = at + outChannels / inChannels; at < end; at++)
          sum += gradients[at]! * weights[from++]!;
        sums[inputPixel * inChannels + channel]! += sum;
      }
    });
    return dx;
  },
);

/** The gradient of a depthwise convolution's filter, which tfjs's WASM backend lacks. */
export const depthwiseBackpropFilter = kernel(
  'DepthwiseConv2dNativeBackpropFilter',
  (context, { x, dy }, attributes) => {
    checkFloats(dy);
    const { filterShape } = attributes;
    const geometry = geometryOfGradient(x.shape, filterShape, attributes, dy);
    const images = asFloats(context, x);
    const gradient = context.runtime.outputOfZeros(filterShape);
    const [values, gradients, out] = valuesOf(context.runtime, images, dy, gradient);
    const { inChannels, outChannels } = geometry;
    // Sums of many float32 numbers lose digits, float64 ones do not.
    const sums = new Float64Array(out.length);
    eachTap(geometry, (pixel, inputPixel, tap) => {
      let [at, to] = [pixel * outChannels, tap * outChannels];
      for (let channel = 0; channel < inChannels; channel++) {
        const value = values[inputPixel * inChannels + channel]!;
        for (let end = at + outChannels / inChannels; at < end; at++) sums[to++]! += value * gradients[at]!;
      }
    });
    out.set(sums);
    return gradient;
  },
);

function depthwiseGeometry(
  xShape: number[],
  filterShape: number[],
  attributes: ConvolutionAttributes,
): Geometry {
  return convolutionGeometry(xShape, filterShape, attributes, 'depthwise');
}

function geometryOfGradient(
  xShape: number[],
  filterShape: number[],
  attributes: ConvolutionAttributes,
  dy: TensorInfo,
): Geometry {
  return gradientGeometry((given) => depthwiseGeometry(xShape, filterShape, given), attributes, dy);
}

/** tfjs's kernel misreads filters of one row with a stride, and leaves zeros where the strides differ. */
function isRightInTfjs({ filterHeight, strideHeight, strideWidth }: Geometry): boolean {
  return strideHeight === strideWidth && (filterHeight > 1 || strideHeight === 1);
}
