import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DEPTH } from './factor.js';
import { areFloats, kernel } from './kernel.js';
import { isWhole, readMatrix, writeMatrix } from './matrix.js';
import { makeFloats, run, type Shader, totalOf, WORKGROUP } from './shader.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';
import { ENOUGH_WORKGROUPS, type Tile, tileFor, tilesOf } from './tile.js';
import { keyOf, runTiles, tiledProduct } from './tiled-product.js';
import {
  convolutionOf,
  depthOf,
  GEOMETRY,
  geometryOf,
  pixelsOf,
  type WindowKind,
  windowKindOf,
  windows,
} from './windows.js';

const LEAST_PIXELS_PER_CHUNK = 256;

/**
 * The gradient of a convolution's filter, as a product of matrices: all taps at all pixels, by the output's gradient there. The
 * pixels, of which there are many, are shared among workgroups in chunks, whose sums are added in order: results have the same bits
 * each time.
 */
export const conv2dBackpropFilter = kernel(
  'Conv2DBackpropFilter',
  (backend, { x, dy }, { filterShape, ...attributes }) => {
    if (!areFloats(x, dy)) return undefined;
    // tfjs's gradients know no dilations.
    const info = convolutionOf(x.shape, filterShape, { ...attributes, dilations: 1 });
    if (!info || String(info.outShape) !== String(dy.shape)) return undefined;
    const { outChannels } = info;
    const [pixels, rows] = [pixelsOf(info), depthOf(info)];
    const tile = tileFor(rows, outChannels, { isDivisible: true });
    const { pixelsPerChunk, chunks } = chunksOf(pixels, tilesOf(tile, rows, outChannels));
    const [gradient] = makeFloats(backend, filterShape);
    const [sums] = chunks === 1 ? [gradient] : makeFloats(backend, [chunks, ...filterShape]);
    const shader = products({
      ...{ tile, ...windowKindOf(info), isWholeOut: isWhole(outChannels), hasTail: pixels % DEPTH > 0 },
    });
    runTiles(backend, shader, {
      buffers: { sums, image: x, dy },
      uniforms: { ...geometryOf(info), rows, pixels, pixelsPerChunk },
      ...{ tile, rows, columns: outChannels, times: chunks },
    });
    if (chunks === 1) return gradient;
    addChunks(backend, gradient, sums, chunks);
    backend.disposeData(sums.dataId);
    return gradient;
  },
);

/** Enough chunks for two workgroups a core, each of whole steps. */
function chunksOf(pixels: number, tiles: number): { pixelsPerChunk: number; chunks: number } {
  const most = Math.ceil(pixels / LEAST_PIXELS_PER_CHUNK);
  const wanted = Math.min(most, Math.ceil((2 * ENOUGH_WORKGROUPS) / tiles));
  const pixelsPerChunk = DEPTH * Math.ceil(pixels / wanted / DEPTH);
  return { pixelsPerChunk, chunks: Math.ceil(pixels / pixelsPerChunk) };
}

interface Kind extends WindowKind {
  tile: Tile;
  /** Whether the output's channels are a multiple of four. */
  isWholeOut: boolean;
  /** Whether the last chunk does not end with a whole step. */
  hasTail: boolean;
}

/** The products of each chunk's pixels. */
function products(kind: Kind): Shader {
  const { tile, isWholeIn, isWholeOut, hasTail } = kind;
  return {
    key: keyOf('filterGradient', kind),
    outputs: ['sums'],
    inputs: { image: 'f32', dy: 'f32' },
    vectors: [...(isWholeIn ? ['image'] : []), ...(isWholeOut ? ['sums', 'dy'] : [])],
    uniforms: { ...GEOMETRY, rows: 'u32', pixels: 'u32', pixelsPerChunk: 'u32' },
    code: () =>
      tiledProduct({
        ...{ tile, left: 'side', right: 'side' },
        declarations: `
        ${windows(kind, { depth: 'pixels', isBehind: hasTail ? 'index >= uniforms.pixels' : undefined })}
        ${readMatrix({ name: 'dy', width: 'uniforms.outChannels', isWhole: isWholeOut })}
        ${writeMatrix({ name: 'sums', width: 'uniforms.outChannels', isWhole: isWholeOut })}
        struct Tile { row: u32, column: u32, begin: u32, end: u32, chunk: u32 }
        fn tileOf(index: u32) -> Tile {
          let across = (uniforms.outChannels + ${tile.columns - 1}) / ${tile.columns};
          let down = (uniforms.rows + ${tile.rows - 1}) / ${tile.rows};
          let line = index / across;
          let chunk = line / down;
          let begin = chunk * uniforms.pixelsPerChunk;
          let end = min(begin + uniforms.pixelsPerChunk, uniforms.pixels);
          return Tile(line - chunk * down, index - line * across, begin, end, chunk);
        }
        alias RightDepth = u32;
        fn rightDepth(pixel: u32, tile: Tile) -> u32 { return pixel; }
        fn rightAt(vector: u32, pixel: u32) -> vec4f { return dyAt(pixel, vector); }
        fn rightHas(vector: u32, pixel: u32) -> bool { return ${hasTail ? 'pixel < uniforms.pixels' : 'true'}; }
        alias Column = u32;
        fn columnOf(vector: u32) -> u32 { return vector; }
        ${store(kind)}`,
      }),
  };
}

/** Taps of channels that are no multiple of four end with rows that the filter lacks. */
function store({ isWholeIn }: Kind): string {
  const row = `
    let padded = (uniforms.inChannels + 3) / 4 * 4;
    let tap = index / padded;
    let channel = index - tap * padded;
    if (channel >= uniforms.inChannels) { return; }
    let row = tap * uniforms.inChannels + channel;`;
  return `
    fn store(index: u32, vector: u32, value: vec4f, tile: Tile) {
      if (index >= uniforms.rows) { return; }
      ${isWholeIn ? 'let row = index;' : row}
      let taps = uniforms.filterHeight * uniforms.filterWidth * uniforms.inChannels;
      sumsSet(tile.chunk * taps + row, vector, value);
    }`;
}

function addChunks(backend: TfjsWebgpuBackend, gradient: TensorInfo, sums: TensorInfo, chunks: number): void {
  const elements = gradient.shape.reduce((product, size) => product * size, 1);
  const isWholeFilter = isWhole(elements);
  const length = isWholeFilter ? elements / 4 : elements;
  const most = backend.device.limits.maxComputeWorkgroupsPerDimension;
  run(backend, chunkSums(isWholeFilter), {
    buffers: { gradient, sums },
    uniforms: { chunks, elements: length },
    workgroups: [Math.min(most, Math.ceil(length / COLUMNS)), 1],
  });
}

const COLUMNS = 16;
const ROWS = WORKGROUP / COLUMNS;

/** Each row of a workgroup adds some of the chunks. */
function chunkSums(isWhole: boolean): Shader {
  const type = isWhole ? 'vec4f' : 'f32';
  return {
    key: `sumOfChunks ${isWhole}`,
    outputs: ['gradient'],
    inputs: { sums: 'f32' },
    vectors: isWhole ? ['gradient', 'sums'] : [],
    uniforms: { chunks: 'u32', elements: 'u32' },
    workgroup: [COLUMNS, ROWS],
    code: () => `
      ${totalOf(type, [COLUMNS, ROWS], 'return a + b;')}
      fn main(local: vec2u, group: vec2u, groups: vec2u) {
        for (var first = group.x * ${COLUMNS}; first < uniforms.elements; first += groups.x * ${COLUMNS}) {
          let index = first + local.x;
          var sum = ${type}();
          for (var chunk = local.y; chunk < uniforms.chunks; chunk += ${ROWS}) {
            sum += sums[chunk * uniforms.elements + index];
          }
          sum = total(sum, local);
          if (local.y == 0 && index < uniforms.elements) { gradient[index] = sum; }
        }
      }`,
  };
}
