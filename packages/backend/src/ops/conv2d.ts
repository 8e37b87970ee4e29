import { ResnetError } from '@resnet/core';
import type { ConvolutionAttributes } from '@resnet/kernels/contracts';
import * as tf from '@tensorflow/tfjs-core';
import { call } from '../operation/call.js';
import { defineOperation } from '../operation/define-operation.js';
import { channelSum } from './channel-mean.js';
import { insertZeros } from './insert-zeros.js';
import { reluGradient } from './relu-gradient.js';

/** How a filter moves over an image. */
export interface ConvGeometry {
  /** Rows and columns from one position of the filter to the next. */
  stride: number;
  /** Rows and columns of zeros around the image, the same on every side, as in PyTorch. */
  padding: number;
  /** Rows and columns from one tap of the filter to the next. Default 1. */
  dilation?: number;
}

/** Stride 1 and padding 0 unless told otherwise. */
export interface Conv2dOptions extends Partial<ConvGeometry> {
  /** [outChannels], added at every pixel. */
  bias?: tf.Tensor1D | undefined;
  /** Has the shape of the result and is added to it, before the ReLU. */
  residual?: tf.Tensor4D | undefined;
  /** Whether to end with a ReLU. Default false. */
  relu?: boolean;
}

const run = defineOperation('FusedResidualConv2d', {
  forward: ({ x, filter, bias, residual }, { relu, ...geometry }) => {
    const reluFirst = relu && !residual;
    let y =
      bias || reluFirst
        ? call(
            'FusedConv2D',
            { x, filter, ...(bias ? { bias } : {}) },
            { ...tfjsGeometry(geometry), activation: reluFirst ? 'relu' : 'linear' },
          )
        : call('Conv2D', { x, filter }, tfjsGeometry(geometry));
    if (residual) y = tf.add(y, residual);
    return relu && residual ? tf.relu(y) : y;
  },
  saved: { inputs: ['x', 'filter'], outputs: [0] },
  gradient: (dy, [x, filter, y], { relu, ...geometry }) => {
    const dSum = relu ? reluGradient(dy, y) : dy;
    return {
      x: () => inputGradient(dSum, filter, x.shape, geometry),
      filter: () => filterGradient(x, dSum, filter.shape, geometry),
      bias: () => channelSum(dSum),
      residual: () => dSum.clone(),
    };
  },
});

/**
 * A 2-D convolution (correlation, as in every deep-learning library) with bias, residual addition and ReLU.
 * Differentiable in x, filter, bias and residual on every backend.
 *
 * @param x [count, height, width, inChannels]
 * @param filter [filterHeight, filterWidth, inChannels, outChannels]
 * @returns [count, outHeight, outWidth, outChannels] with
 *   outHeight = ⌊(height + 2·padding - dilation·(filterHeight - 1) - 1) / stride⌋ + 1; owned by the caller
 * @throws SHAPE_MISMATCH if the channels differ or the filter is larger than the padded image
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: Conv2dOptions = {}): tf.Tensor4D {
  const { stride = 1, padding = 0, dilation = 1, bias, residual, relu = false } = options;
  checkConvolution(x, filter, { stride, padding, dilation });
  return run({ x, filter, bias, residual }, { stride, padding, dilation, relu });
}

/** @throws SHAPE_MISMATCH if the channels differ or the filter is larger than the padded image */
export function checkConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { padding, dilation = 1 }: ConvGeometry,
): void {
  const [, height, width, inChannels] = x.shape;
  const [filterHeight, filterWidth, filterChannels] = filter.shape;
  const [reachDown, reachAcross] = [filterHeight, filterWidth].map((size) => dilation * (size - 1) + 1);
  if (
    inChannels !== filterChannels ||
    Math.min(height - reachDown!, width - reachAcross!) + 2 * padding < 0
  ) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `A convolution with filters [${filter.shape}] (height, width, in, out), padding ${padding} and dilation ${dilation} needs images of ${filterChannels} channels and at least the filter's size, found [${x.shape}].`,
    );
  }
}

/**
 * The gradient of a convolution's input, of shape `inputShape`, where dy is that of its output. As tfjs's own kernels for
 * gradients know no dilations, the filter's taps are spread out instead.
 */
export function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: number[],
  { dilation = 1, ...geometry }: ConvGeometry,
): tf.Tensor4D {
  const [count, , , outChannels] = dy.shape;
  if (isMatrix(inputShape, filter.shape, { dilation, ...geometry })) {
    return tf.tidy(() => {
      const rows = tf.reshape(dy, [count, outChannels]);
      const product = tf.matMul(rows, tf.reshape(filter, [-1, outChannels]), false, true);
      return tf.reshape(product, inputShape as tf.Tensor4D['shape']);
    });
  }
  return tf.tidy(() => {
    const spread = dilation === 1 ? filter : spreadTaps(filter, dilation);
    const attributes = { ...tfjsGeometry(geometry), inputShape };
    return call('Conv2DBackpropInput', { dy, filter: spread }, attributes);
  });
}

/** The gradient of a convolution's filter, of shape `filterShape`, where dy is that of its output. */
export function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: tf.Tensor4D['shape'],
  { dilation = 1, ...geometry }: ConvGeometry,
): tf.Tensor4D {
  if (isMatrix(x.shape, filterShape, { dilation, ...geometry })) {
    return tf.tidy(() => {
      const [count, , , outChannels] = dy.shape;
      const rows = tf.reshape(dy, [count, outChannels]);
      return tf.reshape(tf.matMul(tf.reshape(x, [count, -1]), rows, true), filterShape);
    });
  }
  return tf.tidy(() => {
    const [height, width, inChannels, outChannels] = filterShape;
    const spreadShape: typeof filterShape = [
      ...([dilation * (height - 1) + 1, dilation * (width - 1) + 1] as const),
      ...([inChannels, outChannels] as const),
    ];
    const attributes = { ...tfjsGeometry(geometry), filterShape: spreadShape };
    const gradient = call('Conv2DBackpropFilter', { x, dy }, attributes);
    if (dilation === 1) return gradient;
    const taps = tf.stridedSlice(gradient, [0, 0, 0, 0], spreadShape, [dilation, dilation, 1, 1]);
    return taps as tf.Tensor4D;
  });
}

/** Whether a filter is as large as the map, so that it is a matrix. Kernels for gradients are made for small filters. */
function isMatrix(
  [, height, width]: readonly number[],
  [filterHeight, filterWidth]: readonly number[],
  { padding, dilation }: ConvGeometry,
): boolean {
  const isWhole = height === filterHeight && width === filterWidth;
  return isWhole && height! * width! > 1 && padding === 0 && dilation === 1;
}

/** A filter with zeros between its taps, which lie `dilation` apart. */
function spreadTaps(filter: tf.Tensor4D, dilation: number): tf.Tensor4D {
  const [height, width, inChannels, outChannels] = filter.shape;
  const spread = insertZeros(tf.reshape(filter, [1, height, width, inChannels * outChannels]), [
    dilation,
    dilation,
  ]);
  const [spreadHeight, spreadWidth] = [dilation * (height - 1) + 1, dilation * (width - 1) + 1];
  const taps = tf.slice(spread, [0, 0, 0, 0], [1, spreadHeight, spreadWidth, inChannels * outChannels]);
  return tf.reshape(taps, [spreadHeight, spreadWidth, inChannels, outChannels]);
}

function tfjsGeometry({ stride, padding, dilation = 1 }: ConvGeometry): ConvolutionAttributes {
  return {
    strides: [stride, stride],
    pad: padding,
    dataFormat: 'NHWC',
    dilations: [dilation, dilation],
  };
}
