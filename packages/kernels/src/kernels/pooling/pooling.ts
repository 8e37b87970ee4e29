import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { PoolAttributes } from '../../contracts/tfjs.js';
import type { Context } from '../../runtime/context.js';
import { check } from '../../runtime/refused.js';
import { asFloats, checkFloats, isEmpty, isShape, valuesOf } from '../../runtime/sizes.js';
import { type Geometry, gradientGeometry, outputShape, poolGeometry } from '../convolution/geometry.js';
import { eachTap } from '../convolution/taps.js';
import { kernel } from '../kernel.js';

/** tf.maxPool */
export const maxPool = kernel('MaxPool', (context, { x }, attributes) => {
  const { runtime } = context;
  check(x.dtype === 'float32' || x.dtype === 'int32', 'it takes float32 and int32.');
  const geometry = poolGeometry(x.shape, attributes);
  const y = runtime.output(outputShape(geometry), x.dtype);
  if (isEmpty(y)) return y;
  checkPixels(x);
  if (x.dtype === 'int32') {
    largestIntegers(context, geometry, x, y);
    return y;
  }
  runtime.threadScratch(windowBytes(geometry));
  const task = { ...window(geometry), x: runtime.address(x), y: runtime.address(y), dy: 0, dx: 0 };
  runtime.run('maxPool', task, geometry.images * geometry.outHeight);
  return y;
});

/** The exact largest integers, which float32 does not hold above 2^24. */
function largestIntegers({ runtime }: Context, geometry: Geometry, x: TensorInfo, y: TensorInfo): void {
  const [values, out] = valuesOf(runtime, x, y);
  const { inChannels } = geometry;
  const largest = new Float64Array(out.length).fill(-Infinity);
  eachTap(geometry, (pixel, inputPixel) => {
    for (let channel = 0; channel < inChannels; channel++) {
      const [from, to] = [inputPixel * inChannels + channel, pixel * inChannels + channel];
      if (values[from]! > largest[to]!) largest[to] = values[from]!;
    }
  });
  out.set(largest);
}

/** The gradient of tf.maxPool's input; tfjs's kernel misplaces it where all of a window is negative. */
export const maxPoolGrad = kernel('MaxPoolGrad', (context, { dy, input, output }, attributes) => {
  const { runtime } = context;
  checkFloats(dy);
  const geometry = geometryOfGradient(input, dy, attributes);
  check(isShape(output, dy.shape) && output.dtype === input.dtype, "output must be the pool's.");
  if (isEmpty(input) || isEmpty(dy)) return runtime.outputOfZeros(input.shape);
  const [x, y] = [asFloats(context, input), asFloats(context, output)];
  const dx = runtime.output(input.shape);
  runtime.threadScratch(windowBytes(geometry));
  runtime.run(
    'maxPoolGradient',
    {
      ...window(geometry),
      x: runtime.address(x),
      y: runtime.address(y),
      dy: runtime.address(dy),
      dx: runtime.address(dx),
    },
    geometry.images,
  );
  return dx;
});

/** tf.avgPool, by tfjs's kernel where the padding is TensorFlow's */
export const averagePool = kernel('AvgPool', (context, { x }, attributes) => {
  checkFloats(x);
  const geometry = poolGeometry(x.shape, attributes);
  const { runtime } = context;
  const shape = outputShape(geometry);
  if (shape.includes(0)) return runtime.output(shape);
  checkPixels(x);
  if (typeof attributes.pad === 'string') return context.stock('AvgPool', { x }, attributes);
  const y = runtime.outputOfZeros(shape);
  const [values, sums] = valuesOf(runtime, x, y);
  const { inChannels } = geometry;
  eachTap(geometry, (pixel, inputPixel) => {
    for (let channel = 0; channel < inChannels; channel++) {
      sums[pixel * inChannels + channel]! += values[inputPixel * inChannels + channel]!;
    }
  });
  const counts = pixelsOfWindows(geometry);
  for (let index = 0; index < sums.length; index++) sums[index]! /= counts[Math.floor(index / inChannels)]!;
  return y;
});

/** How many pixels of its image each window has; padding does not count. */
function pixelsOfWindows(geometry: Geometry): Int32Array {
  const counts = new Int32Array(geometry.images * geometry.outHeight * geometry.outWidth);
  eachTap(geometry, (pixel) => void counts[pixel]!++);
  return counts;
}

/** The gradient of tf.avgPool's input. tfjs's divides by the whole window; the pool divides by the pixels in the image. */
export const averagePoolGrad = kernel('AvgPoolGrad', (context, { dy, input }, attributes) => {
  checkFloats(dy, input);
  const geometry = geometryOfGradient(input, dy, attributes);
  const { runtime } = context;
  const dx = runtime.outputOfZeros(input.shape);
  const [gradients, sums] = valuesOf(runtime, dy, dx);
  const counts = pixelsOfWindows(geometry);
  const { inChannels } = geometry;
  eachTap(geometry, (pixel, inputPixel) => {
    for (let channel = 0; channel < inChannels; channel++) {
      sums[inputPixel * inChannels + channel]! += gradients[pixel * inChannels + channel]! / counts[pixel]!;
    }
  });
  return dx;
});

/** The mean of each channel of each image, [images, height, width, channels] → [images, channels] */
export const globalAveragePool = kernel('GlobalAveragePool', ({ runtime }, { x }) => {
  checkFloats(x);
  check(x.shape.length === 4, 'images have four axes.');
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  const y = runtime.output([images, channels]);
  if (isEmpty(y)) return y;
  checkPixels(x);
  const task = { x: runtime.address(x), y: runtime.address(y), pixels: height * width, channels };
  runtime.run('globalAveragePool', task, images);
  return y;
});

/** dy [images, channels] → [images, height, width, channels] */
export const globalAveragePoolGradient = kernel(
  'GlobalAveragePoolGradient',
  ({ runtime }, { dy }, { height, width }) => {
    checkFloats(dy);
    check(dy.shape.length === 2, 'dy is [images, channels].');
    const [images, channels] = dy.shape as [number, number];
    const dx = runtime.output([images, height, width, channels]);
    if (isEmpty(dx)) return dx;
    const task = { x: runtime.address(dy), y: runtime.address(dx), pixels: height * width, channels };
    runtime.run('globalAveragePoolGradient', task, images);
    return dx;
  },
);

function geometryOfGradient(input: TensorInfo, dy: TensorInfo, attributes: PoolAttributes): Geometry {
  return gradientGeometry((given) => poolGeometry(input.shape, given), attributes, dy);
}

function checkPixels(x: TensorInfo): void {
  check(!isEmpty(x), 'images of no pixels have no pool.');
}

function windowBytes({ filterHeight, filterWidth }: Geometry): number {
  return 4 * filterHeight * filterWidth;
}

function window(geometry: Geometry) {
  const { images: _, inChannels, outChannels: __, ...sizes } = geometry;
  return { ...sizes, channels: inChannels };
}
