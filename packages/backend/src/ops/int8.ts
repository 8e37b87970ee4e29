import { install } from '@resnet/kernels';
import type { Int8Contracts, Int8Range } from '@resnet/kernels/contracts';
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

// The portable bodies compute in float32, where sums are exact up to 2^24. There quantized tensors are int32: not every backend
// keeps 'bool' in bytes, as WASM does.

export type { Int8Range };

/** How a quantized convolution moves and how its sums become bytes. */
export interface Int8ConvOptions extends Int8Attributes<'Int8Convolution'> {
  /** Of the result's shape, added before the result is rounded. */
  residual?: tf.Tensor4D | undefined;
}

type Int8Attributes<Name extends keyof Int8Contracts> = Int8Contracts[Name]['attributes'];

/** Backends whose int8 kernels are loaded. */
const withKernels = new WeakSet<object>();

/**
 * Loads the kernels of the operations below, where the current backend has some: the WASM backend. Elsewhere, and without SIMD,
 * they are computed in float32.
 *
 * @throws WASM_UNAVAILABLE, THREAD_LOST, OUT_OF_MEMORY
 */
export async function loadInt8(): Promise<void> {
  if (tf.getBackend() !== 'wasm') return;
  const kernels = await install();
  if (kernels.threads === 0) return;
  await kernels.loadInt8();
  withKernels.add(tf.backend());
}

/** A quantized tensor of these bytes; owned by the caller. Call `loadInt8` before. */
export function int8Tensor(bytes: Uint8Array | Int8Array, shape: number[]): tf.Tensor {
  if (withKernels.has(tf.backend())) {
    const unsigned = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    return tf.tensor(unsigned, shape, 'bool');
  }
  return tf.tensor(Int32Array.from(bytes), shape, 'int32');
}

/** float32 as bytes: round(x / scale) + zero, kept between 0 and 255. Owned by the caller. */
export function quantizeInt8<T extends tf.Tensor>(x: T, { scale, zero }: Int8Range): T {
  return runQuantize({ x }, { scale, zero }) as T;
}

const runQuantize = defineOperation('Int8Quantize', {
  forward: ({ x }, { scale, zero }) => toBytes(tf.add(tf.round(tf.div(x, scale)), zero)),
});

/** (byte - zero) · scale, in float32. Owned by the caller. */
export function dequantizeInt8<T extends tf.Tensor>(x: T, { scale, zero }: Int8Range): T {
  return runDequantize({ x }, { scale, zero }) as T;
}

const runDequantize = defineOperation('Int8Dequantize', {
  forward: ({ x }, { scale, zero }) => tf.mul(tf.sub(tf.cast(x, 'float32'), zero), scale),
});

/**
 * A convolution of bytes with exact sums, whose results are rounded to bytes again, or are float32 with `isFloat`. On WebAssembly
 * it has the same bits in every engine and with any number of threads.
 *
 * @param x quantized, [count, height, width, inChannels]
 * @param filter signed bytes, of `int8Tensor`, [height, width, inChannels, outChannels]
 * @param scale [outChannels]: a unit of the sum in units of the result
 * @param bias int32 [outChannels], in units of the sum
 * @returns [count, outHeight, outWidth, outChannels]; owned by the caller
 * @throws INPUT_INVALID for shapes that don't fit together
 */
export function int8Conv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  scale: tf.Tensor1D,
  bias: tf.Tensor1D,
  { residual, ...attributes }: Int8ConvOptions,
): tf.Tensor4D {
  return runConvolution({ x, filter, scale, bias, residual }, attributes);
}

const runConvolution = defineOperation('Int8Convolution', {
  forward: ({ x, filter, scale, bias, residual }, attributes) => {
    const { stride, padding, dilation, inputZero, zero, relu, residualZero, residualScale, isFloat } =
      attributes;
    const values = tf.sub(tf.cast(x, 'float32'), inputZero) as tf.Tensor4D;
    const weights = tf.cast(filter, 'float32');
    const sums = tf.conv2d(values, weights, stride, padding, 'NHWC', dilation, 'floor');
    let y = tf.mul(tf.add(sums, tf.cast(bias, 'float32')), scale);
    if (isFloat) return y;
    if (residual) y = tf.add(y, tf.mul(tf.sub(tf.cast(residual, 'float32'), residualZero), residualScale));
    return toBytes(tf.add(tf.round(relu ? tf.relu(y) : y), zero));
  },
});

/** The largest value in each window; padding counts as the smallest. Owned by the caller. */
export function int8MaxPool(x: tf.Tensor4D, attributes: Int8Attributes<'Int8MaxPool'>): tf.Tensor4D {
  return runMaxPool({ x }, attributes);
}

const runMaxPool = defineOperation('Int8MaxPool', {
  forward: ({ x }, { size, stride, padding }) =>
    tf.cast(tf.maxPool(tf.cast(x, 'float32'), size, stride, padding, 'floor'), 'int32'),
});

/** The mean of windows that move by one pixel: round(scale · (sum - its pixels · inputZero)) + zero. Owned by the caller. */
export function int8AveragePool(x: tf.Tensor4D, attributes: Int8Attributes<'Int8AveragePool'>): tf.Tensor4D {
  return runAveragePool({ x }, attributes);
}

const runAveragePool = defineOperation('Int8AveragePool', {
  forward: ({ x }, { window, inputZero, scale, zero }) => {
    const means = tf.avgPool(tf.sub(tf.cast(x, 'float32'), inputZero) as tf.Tensor4D, window, 1, 'valid');
    const sums = tf.round(tf.mul(means, window[0] * window[1]));
    return toBytes(tf.add(tf.round(tf.mul(sums, scale)), zero));
  },
});

/** Every `stride`-th pixel, and the byte for 0 for channels that are new. Owned by the caller. */
export function int8SubsamplePad(
  x: tf.Tensor4D,
  attributes: Int8Attributes<'Int8SubsamplePad'>,
): tf.Tensor4D {
  return runSubsamplePad({ x }, attributes);
}

const runSubsamplePad = defineOperation('Int8SubsamplePad', {
  forward: ({ x }, { stride, channels, zero }) => {
    const every = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]);
    const before = Math.floor((channels - x.shape[3]) / 2);
    const after = channels - x.shape[3] - before;
    return tf.pad(
      every,
      [
        [0, 0],
        [0, 0],
        [0, 0],
        [before, after],
      ],
      zero,
    );
  },
});

function toBytes(values: tf.Tensor): tf.Tensor {
  return tf.cast(tf.clipByValue(values, 0, 255), 'int32');
}
