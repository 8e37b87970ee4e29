import type { TensorInfo } from '@tensorflow/tfjs-core';
import { poolBins } from '../regions/pool-bins.js';
import { REGION_VALUES, type RegionGrid } from '../regions/region-grid.js';
import { areFloats, kernel, sizeOf } from './kernel.js';
import { checkRegions, imagesOf, overElements, runElements, unitsOf, zeros } from './regions.js';
import { type Channels, channelsOf, makeFloats, type Shader } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** The largest value in each cell of each region: an invocation for each value. */
export const roiMaxPool = kernel('RoiMaxPool', (backend, { x }, grid) => {
  if (!areFloats(x)) return undefined;
  checkRegions('RoiMaxPool', { x }, grid, x.shape);
  const { regions, rows, columns } = grid;
  const [y] = makeFloats(backend, [regions.length / REGION_VALUES, rows, columns, x.shape[3]!]);
  if (sizeOf(y) > 0) run(backend, pooling(channelsOf(x.shape[3]!)), { y, x }, grid, x.shape);
  return y;
});

/** Its gradient: an invocation for each value of x, which looks for the cells whose largest value it is. */
export const roiMaxPoolGradient = kernel('RoiMaxPoolGradient', (backend, { dy, x, y }, grid) => {
  if ([dy, x, y].some(({ dtype }) => dtype !== 'float32')) return undefined;
  checkRegions('RoiMaxPoolGradient', { dy, x, y }, grid, x.shape);
  if (sizeOf(dy) === 0) return zeros(backend, x.shape);
  const [dx] = makeFloats(backend, x.shape);
  run(backend, GRADIENT, { dx, dy, x, y }, grid, x.shape);
  return dx;
});

function run(
  backend: TfjsWebgpuBackend,
  shader: Shader,
  buffers: Record<string, TensorInfo>,
  grid: RegionGrid,
  shape: number[],
): void {
  const [, height, width, channels] = shape as [number, number, number, number];
  const { ofRows, ofColumns } = poolBins(grid, height, width);
  const { rows, columns } = grid;
  const units = shader.vectors?.length ? unitsOf(channels) : channels;
  const sizes = {
    height,
    width,
    channels: units,
    rows,
    columns,
    regions: grid.regions.length / REGION_VALUES,
  };
  const lists = { images: imagesOf(grid, shape), rowBins: ofRows, columnBins: ofColumns };
  runElements(backend, shader, buffers, sizes, lists);
}

const SIZES = ['height', 'width', 'channels', 'rows', 'columns', 'regions'];
const UNIFORMS = [...SIZES, 'images', 'rowBins', 'columnBins'];

/** The pixels of a cell, from the first to before the second. */
const BINS = `
  fn rowsOf(bin: u32) -> vec2u { return binAt(uniforms.rowBins + 2 * bin); }
  fn columnsOf(bin: u32) -> vec2u { return binAt(uniforms.columnBins + 2 * bin); }
  fn binAt(at: u32) -> vec2u { return vec2u(u32(table[at]), u32(table[at + 1])); }`;

/** NaN is never larger. */
const pooling = (channels: Channels): Shader =>
  overElements(
    { key: 'roiMaxPool', outputs: ['y'], inputs: { x: 'f32' }, uniforms: UNIFORMS },
    channels,
    `
      let cell = index / uniforms.channels;
      let region = cell / uniforms.columns / uniforms.rows;
      let rows = rowsOf(cell / uniforms.columns);
      let columns = columnsOf(region * uniforms.columns + cell % uniforms.columns);
      let image = u32(table[uniforms.images + region]);
      let hasPixels = rows.x < rows.y && columns.x < columns.y;
      var largest = ${channels.type}(select(0f, -0x1.fffffep+127f, hasPixels));
      for (var row = rows.x; row < rows.y; row++) {
        for (var column = columns.x; column < columns.y; column++) {
          let pixel = image + row * uniforms.width + column;
          let value = x[pixel * uniforms.channels + index % uniforms.channels];
          largest = select(largest, value, value > largest);
        }
      }
      y[index] = largest;`,
    BINS,
  );

const GRADIENT = overElements(
  {
    key: 'roiMaxPoolGradient',
    outputs: ['dx'],
    inputs: { dy: 'f32', x: 'f32', y: 'f32' },
    uniforms: UNIFORMS,
  },
  channelsOf(1),
  `
    let channel = index % uniforms.channels;
    let pixel = index / uniforms.channels;
    let row = (pixel / uniforms.width) % uniforms.height;
    let column = pixel % uniforms.width;
    let image = pixel - row * uniforms.width - column;
    var sum = 0f;
    for (var region = 0u; region < uniforms.regions; region++) {
      if (u32(table[uniforms.images + region]) != image) { continue; }
      for (var a = region * uniforms.rows; a < (region + 1) * uniforms.rows; a++) {
        let rows = rowsOf(a);
        if (row < rows.x || row >= rows.y) { continue; }
        for (var b = 0u; b < uniforms.columns; b++) {
          let columns = columnsOf(region * uniforms.columns + b);
          if (column < columns.x || column >= columns.y) { continue; }
          let at = (a * uniforms.columns + b) * uniforms.channels + channel;
          if (x[index] == y[at] && isFirst(vec2u(row, column), rows.x, columns, image, channel, y[at])) { sum += dy[at]; }
        }
      }
    }
    dx[index] = sum;`,
  `${BINS}
    /** Whether no pixel of the cell before this one, in reading order, has the value. */
    fn isFirst(pixel: vec2u, top: u32, columns: vec2u, image: u32, channel: u32, value: f32) -> bool {
      for (var row = top; row <= pixel.x; row++) {
        for (var column = columns.x; column < select(columns.y, pixel.y, row == pixel.x); column++) {
          if (x[(image + row * uniforms.width + column) * uniforms.channels + channel] == value) { return false; }
        }
      }
      return true;
    }`,
);
