import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes } from '../contracts/contract.js';
import { alignTaps, type Taps } from '../regions/align-taps.js';
import { problemOfSampling, REGION_VALUES } from '../regions/region-grid.js';
import { areFloats, kernel, sizeOf } from './kernel.js';
import { checkRegions, imagesOf, overElements, runElements, unitsOf, zeros } from './regions.js';
import { type Channels, channelsOf, makeFloats, type Shader } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** The mean of bilinear samples in each cell of each region: an invocation for each value. */
export const roiAlign = kernel('RoiAlign', (backend, { x }, attributes) => {
  if (!areFloats(x)) return undefined;
  checkRegions('RoiAlign', { x }, attributes, x.shape, problemOfSampling(attributes));
  const channels = x.shape[3]!;
  const [y] = makeFloats(backend, [
    attributes.regions.length / REGION_VALUES,
    attributes.rows,
    attributes.columns,
    channels,
  ]);
  if (sizeOf(y) > 0) run(backend, aligning(channelsOf(channels)), { y, x }, attributes, x.shape);
  return y;
});

/**
 * The gradient of x, of the given shape: an invocation for each value, which looks for the regions that read it. So it takes a time in
 * proportion to values · regions, without atomics, and sums are always in the same order.
 */
export const roiAlignGradient = kernel('RoiAlignGradient', (backend, { dy }, attributes) => {
  const { shape } = attributes;
  if (dy.dtype !== 'float32') return undefined;
  checkRegions('RoiAlignGradient', { dy }, attributes, shape, problemOfSampling(attributes));
  if (sizeOf(dy) === 0) return zeros(backend, shape);
  const [dx] = makeFloats(backend, shape);
  run(backend, gradient(channelsOf(shape[3]!)), { dx, dy }, attributes, shape);
  return dx;
});

function run(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  buffers: Record<string, TensorInfo>,
  attributes: Attributes<'RoiAlign'>,
  shape: number[],
): void {
  const [, height, width, channels] = shape as [number, number, number, number];
  const { ofRows, ofColumns } = alignTaps(attributes, height, width);
  const { rows, columns } = attributes;
  const regions = attributes.regions.length / REGION_VALUES;
  const sizes = { height, width, channels: unitsOf(channels), rows, columns, regions };
  runElements(backend, shader, buffers, sizes, {
    images: imagesOf(attributes, shape),
    ...{ rowStarts: ofRows.starts, rowPixels: ofRows.pixels, rowWeights: ofRows.weights },
    ...{ columnStarts: ofColumns.starts, columnPixels: ofColumns.pixels, columnWeights: ofColumns.weights },
    ...{ rowSpans: spansOf(ofRows, rows), columnSpans: spansOf(ofColumns, columns) },
  });
}

/** Of each region the first pixel that it reads, and the one behind the last. */
function spansOf({ starts, pixels }: Taps, bins: number): Int32Array {
  const spans = new Int32Array((2 * (starts.length - 1)) / bins);
  for (let region = 0; region < spans.length / 2; region++) {
    let [first, end] = [Number.MAX_SAFE_INTEGER, 0];
    for (let tap = starts[region * bins]!; tap < starts[(region + 1) * bins]!; tap++) {
      [first, end] = [Math.min(first, pixels[tap]!), Math.max(end, pixels[tap]! + 1)];
    }
    spans.set([Math.min(first, end), end], 2 * region);
  }
  return spans;
}

const UNIFORMS = [
  ...['height', 'width', 'channels', 'rows', 'columns', 'regions', 'images'],
  ...['rowStarts', 'rowPixels', 'rowWeights', 'columnStarts', 'columnPixels', 'columnWeights'],
  ...['rowSpans', 'columnSpans'],
];

/** Where the taps of a row or column begin, and each tap's pixel and weight. */
const TAPS = ['row', 'column']
  .map(
    (axis) => `
      fn ${axis}Start(bin: u32) -> u32 { return u32(table[uniforms.${axis}Starts + bin]); }
      fn ${axis}Pixel(tap: u32) -> u32 { return u32(table[uniforms.${axis}Pixels + tap]); }
      fn ${axis}Weight(tap: u32) -> f32 { return bitcast<f32>(table[uniforms.${axis}Weights + tap]); }`,
  )
  .join('');

const aligning = (channels: Channels): Shader =>
  overElements(
    { key: 'roiAlign', outputs: ['y'], inputs: { x: 'f32' }, uniforms: UNIFORMS },
    channels,
    `
      let channel = index % uniforms.channels;
      let cell = index / uniforms.channels;
      let row = cell / uniforms.columns;
      let region = row / uniforms.rows;
      let column = region * uniforms.columns + cell % uniforms.columns;
      let image = u32(table[uniforms.images + region]);
      var sum = ${channels.type}();
      for (var down = rowStart(row); down < rowStart(row + 1); down++) {
        let line = image + rowPixel(down) * uniforms.width;
        var ofLine = ${channels.type}();
        for (var across = columnStart(column); across < columnStart(column + 1); across++) {
          ofLine += columnWeight(across) * x[(line + columnPixel(across)) * uniforms.channels + channel];
        }
        sum += rowWeight(down) * ofLine;
      }
      y[index] = sum;`,
    TAPS,
  );

const gradient = (channels: Channels): Shader =>
  overElements(
    { key: 'roiAlignGradient', outputs: ['dx'], inputs: { dy: 'f32' }, uniforms: UNIFORMS },
    channels,
    `
      let channel = index % uniforms.channels;
      let pixel = index / uniforms.channels;
      let row = (pixel / uniforms.width) % uniforms.height;
      let column = pixel % uniforms.width;
      let image = pixel - row * uniforms.width - column;
      var sum = ${channels.type}();
      for (var region = 0u; region < uniforms.regions; region++) {
        let isRead = u32(table[uniforms.images + region]) == image
          && isWithin(row, uniforms.rowSpans + 2 * region) && isWithin(column, uniforms.columnSpans + 2 * region);
        if (!isRead) { continue; }
        let columns = region * uniforms.columns;
        for (var a = region * uniforms.rows; a < (region + 1) * uniforms.rows; a++) {
          for (var down = rowStart(a); down < rowStart(a + 1); down++) {
            if (rowPixel(down) != row) { continue; }
            for (var b = columns; b < columns + uniforms.columns; b++) {
              for (var across = columnStart(b); across < columnStart(b + 1); across++) {
                if (columnPixel(across) != column) { continue; }
                let cell = a * uniforms.columns + b - columns;
                sum += rowWeight(down) * columnWeight(across) * dy[cell * uniforms.channels + channel];
              }
            }
          }
        }
      }
      dx[index] = sum;`,
    `${TAPS}
      fn isWithin(pixel: u32, span: u32) -> bool {
        return pixel >= u32(table[span]) && pixel < u32(table[span + 1]);
      }`,
  );
