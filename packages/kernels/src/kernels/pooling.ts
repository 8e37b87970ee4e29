import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Geometry, type PoolAttributes, poolGeometry } from '../geometry.js';
import { areFloats } from './conv2d.js';
import type { Kernel } from './kernel.js';

/** tf.maxPool */
export const maxPool: Kernel = ({ runtime }, { x }: { x: TensorInfo }, attributes: PoolAttributes) => {
  if (!areFloats(x)) return undefined;
  const geometry = poolGeometry(x.shape, attributes);
  const { images, outHeight, outWidth, inChannels } = geometry;
  const y = runtime.output([images, outHeight, outWidth, inChannels]);
  runtime.threadScratch(windowBytes(geometry));
  const task = { ...window(geometry), x: runtime.address(x), y: runtime.address(y), dy: 0, dx: 0 };
  runtime.run('maxPool', task, images * outHeight);
  return y;
};

/** The gradient of tf.maxPool's input; tfjs's own misplaces it where all of a window is negative. */
export const maxPoolGrad: Kernel = (
  { runtime },
  { dy, input, output }: { dy: TensorInfo; input: TensorInfo; output: TensorInfo },
  attributes: PoolAttributes,
) => {
  if (!areFloats(dy, input)) return undefined;
  const geometry = poolGeometry(input.shape, attributes);
  const dx = runtime.output(input.shape);
  runtime.threadScratch(windowBytes(geometry));
  runtime.run(
    'maxPoolGradient',
    {
      ...window(geometry),
      x: runtime.address(input),
      y: runtime.address(output),
      dy: runtime.address(dy),
      dx: runtime.address(dx),
    },
    geometry.images,
  );
  return dx;
};

/** The mean of each channel of each image, [images, height, width, channels] → [images, channels] */
export const globalAveragePool: Kernel = ({ runtime }, { x }: { x: TensorInfo }) => {
  if (!areFloats(x)) return undefined;
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  const y = runtime.output([images, channels]);
  const task = { x: runtime.address(x), y: runtime.address(y), places: height * width, channels };
  runtime.run('globalAveragePool', task, images);
  return y;
};

/** dy [images, channels] → [images, height, width, channels] */
export const globalAveragePoolGradient: Kernel = (
  { runtime },
  { dy }: { dy: TensorInfo },
  { height, width }: { height: number; width: number },
) => {
  if (!areFloats(dy)) return undefined;
  const [images, channels] = dy.shape as [number, number];
  const dx = runtime.output([images, height, width, channels]);
  const task = { x: runtime.address(dy), y: runtime.address(dx), places: height * width, channels };
  runtime.run('globalAveragePoolGradient', task, images);
  return dx;
};

function windowBytes({ filterHeight, filterWidth }: Geometry): number {
  return 4 * filterHeight * filterWidth;
}

function window(geometry: Geometry) {
  const { images: _, inChannels, outChannels: __, ...sizes } = geometry;
  return { ...sizes, channels: inChannels };
}
