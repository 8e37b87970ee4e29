import * as tf from '@tensorflow/tfjs-core';
import { ResnetError } from '../error.js';
import { channelSum } from './channel-mean.js';
import { defineOperation } from './operation.js';
import { reluGradient } from './relu-gradient.js';

export interface Conv2dOptions {
  /** Rows and columns from one place of the filter to the next. Default 1. */
  stride?: number;
  /** Rows and columns of zeros around the image, the same on every side, as in PyTorch. Default 0. */
  padding?: number;
  /** [outChannels], added at every place. */
  bias?: tf.Tensor1D | undefined;
  /** Has the shape of the result and is added to it, before the ReLU. */
  residual?: tf.Tensor4D | undefined;
  /** Whether to end with a ReLU. Default false. */
  relu?: boolean;
}

const run = defineOperation<{ stride: number; padding: number; relu: boolean }>({
  name: 'FusedResidualConv2d',
  forward: ({ x, filter, bias, residual }, { stride, padding, relu }) => {
    const reluFirst = relu && !residual;
    let y =
      bias || reluFirst
        ? runKernel(
            'FusedConv2D',
            { x, filter, ...(bias ? { bias } : {}) },
            {
              ...geometry(stride, padding),
              activation: reluFirst ? 'relu' : 'linear',
            },
          )
        : runKernel('Conv2D', { x, filter }, geometry(stride, padding));
    if (residual) y = tf.add(y, residual);
    return relu && residual ? tf.relu(y) : y;
  },
  saved: { inputs: ['x', 'filter'], outputs: [0] },
  gradient: (dy, [x, filter, y], { stride, padding, relu }) => {
    const dSum = relu ? reluGradient(dy, y!) : (dy as tf.Tensor4D);
    return {
      x: () => inputGradient(dSum, filter!, x!.shape, { stride, padding }),
      filter: () => filterGradient(x!, dSum, filter!.shape, { stride, padding }),
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
 *   outHeight = ⌊(height + 2·padding - filterHeight) / stride⌋ + 1; owned by the caller
 * @throws SHAPE_MISMATCH if the channels differ or the filter is larger than the padded image
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: Conv2dOptions = {}): tf.Tensor4D {
  const { stride = 1, padding = 0, bias, residual, relu = false } = options;
  checkConvolution(x, filter, padding);
  return run({ x, filter, bias, residual }, { stride, padding, relu });
}

/** @throws SHAPE_MISMATCH if the channels differ or the filter is larger than the padded image */
export function checkConvolution(x: tf.Tensor4D, filter: tf.Tensor4D, padding: number): void {
  const [, height, width, inChannels] = x.shape;
  const [filterHeight, filterWidth, filterChannels] = filter.shape;
  if (
    inChannels !== filterChannels ||
    Math.min(height - filterHeight, width - filterWidth) + 2 * padding < 0
  ) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `A convolution with filters [${filter.shape}] (height, width, in, out) and padding ${padding} needs images of ${filterChannels} channels and at least the filter's size, found [${x.shape}].`,
    );
  }
}

/** The gradient of a convolution's input, of shape `inputShape`, where dy is that of its output. */
export function inputGradient(
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: number[],
  { stride, padding }: { stride: number; padding: number },
): tf.Tensor {
  return runKernel('Conv2DBackpropInput', { dy, filter }, { ...geometry(stride, padding), inputShape });
}

/** The gradient of a convolution's filter, of shape `filterShape`, where dy is that of its output. */
export function filterGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: number[],
  { stride, padding }: { stride: number; padding: number },
): tf.Tensor {
  return runKernel('Conv2DBackpropFilter', { x, dy }, { ...geometry(stride, padding), filterShape });
}

function geometry(stride: number, padding: number) {
  return {
    strides: [stride, stride],
    pad: padding,
    dataFormat: 'NHWC',
    dilations: [1, 1],
  };
}

function runKernel(name: string, inputs: object, attributes: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor;
}
