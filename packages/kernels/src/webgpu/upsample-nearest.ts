import type { TensorInfo } from '@tensorflow/tfjs-core';
import { nearestPixels } from '../regions/nearest-pixels.js';
import { areFloats, kernel } from './kernel.js';
import { overElements, runElements, unitsOf } from './regions.js';
import { type Channels, channelsOf, makeFloats, type Shader } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** Images of another size, of the nearest pixels. */
export const upsampleNearest = kernel('UpsampleNearest', (backend, { x }, { height, width }) => {
  if (!areFloats(x)) return undefined;
  const [images, , , channels] = x.shape as [number, number, number, number];
  const [y] = makeFloats(backend, [images, height, width, channels]);
  run(backend, upsampling(channelsOf(channels)), { y, x }, x.shape, y.shape);
  return y;
});

/** The gradient of x, of the given shape: the sum over the pixels that are a copy of it. */
export const upsampleNearestGradient = kernel('UpsampleNearestGradient', (backend, { dy }, { shape }) => {
  if (!areFloats(dy)) return undefined;
  const [dx] = makeFloats(backend, shape);
  run(backend, gradient(channelsOf(shape[3]!)), { dx, dy }, shape, dy.shape);
  return dx;
});

function run(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  buffers: Record<string, TensorInfo>,
  shape: number[],
  outShape: number[],
): void {
  const [, height, width, channels] = shape as [number, number, number, number];
  const [, outHeight, outWidth] = outShape as [number, number, number, number];
  const sizes = { height, width, outHeight, outWidth, channels: unitsOf(channels) };
  const rows = nearestPixels(height, outHeight);
  const columns = nearestPixels(width, outWidth);
  runElements(backend, shader, buffers, sizes, { rows, columns });
}

const UNIFORMS = ['height', 'width', 'outHeight', 'outWidth', 'channels', 'rows', 'columns'];

const upsampling = (channels: Channels): Shader =>
  overElements(
    { key: 'upsampleNearest', outputs: ['y'], inputs: { x: 'f32' }, uniforms: UNIFORMS },
    channels,
    `
      let pixel = index / uniforms.channels;
      let row = u32(table[uniforms.rows + (pixel / uniforms.outWidth) % uniforms.outHeight]);
      let column = u32(table[uniforms.columns + pixel % uniforms.outWidth]);
      let image = pixel / uniforms.outWidth / uniforms.outHeight;
      let source = (image * uniforms.height + row) * uniforms.width + column;
      y[index] = x[source * uniforms.channels + index % uniforms.channels];`,
    '',
  );

/** The copies of a pixel are neighbors. */
const gradient = (channels: Channels): Shader =>
  overElements(
    { key: 'upsampleNearestGradient', outputs: ['dx'], inputs: { dy: 'f32' }, uniforms: UNIFORMS },
    channels,
    `
      let pixel = index / uniforms.channels;
      let image = pixel / uniforms.width / uniforms.height;
      let rows = copiesOf((pixel / uniforms.width) % uniforms.height, uniforms.rows, uniforms.outHeight);
      let columns = copiesOf(pixel % uniforms.width, uniforms.columns, uniforms.outWidth);
      var sum = ${channels.type}();
      for (var row = rows.x; row < rows.y; row++) {
        for (var column = columns.x; column < columns.y; column++) {
          let at = (image * uniforms.outHeight + row) * uniforms.outWidth + column;
          sum += dy[at * uniforms.channels + index % uniforms.channels];
        }
      }
      dx[index] = sum;`,
    `
      fn copiesOf(pixel: u32, list: u32, length: u32) -> vec2u {
        return vec2u(firstFrom(pixel, list, length), firstFrom(pixel + 1, list, length));
      }
      /** The first place in the list of a pixel that is not before this one. */
      fn firstFrom(pixel: u32, list: u32, length: u32) -> u32 {
        var begin = 0u;
        var end = length;
        while (begin < end) {
          let middle = (begin + end) / 2;
          if (u32(table[list + middle]) < pixel) { begin = middle + 1; } else { end = middle; }
        }
        return begin;
      }`,
  );
