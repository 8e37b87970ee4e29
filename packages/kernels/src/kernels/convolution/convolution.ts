import type { TensorInfo } from '@tensorflow/tfjs-core';
import {
  BETWEEN_BYTES,
  CACHE_LINE,
  MOST_TILES,
  TILE_ROWS,
  TILES_PER_BLOCK,
  TILES_WITH_STATISTICS,
  WINOGRAD_VALUES,
} from '../../generated/constants.js';
import type { Context } from '../../runtime/context.js';
import { suitsRuns, suitsWinograd } from './algorithm.js';
import { type Epilogue, flagsOf, residualOffset, totalsOf } from './epilogue.js';
import { type Geometry, roundUp } from './geometry.js';
import { pack, packTransposed, packWinograd } from './packing.js';

// Tasks are written out field by field: V8 takes 20 µs to make an object of so many fields by spreading others, as long as
// a small convolution takes.

/** Bytes of the fast cache that a Winograd block's values may fill. */
const BLOCK_BYTES = 600_000;
/** Chunks of a job whose partition is part of the result: enough for any number of threads. */
const FIXED_CHUNKS = 32;

/**
 * y = the convolution of x by `filter`, ended as asked.
 *
 * @param x the address of [images, height, width, inChannels]
 * @param filter [filterHeight, filterWidth, inChannels, outChannels]
 * @param y the address of [images, outHeight, outWidth, outChannels]
 * @returns with statistics: the number of parts in the buffer 'totals', float64 [parts][2][outChannels]; else 0
 */
export function convolve(
  context: Context,
  geometry: Geometry,
  x: number,
  filter: TensorInfo,
  y: number,
  epilogue: Epilogue = {},
): number {
  const { inChannels, outChannels } = geometry;
  if (context.winograd && suitsWinograd(geometry)) {
    const packed = packWinograd(context, filter, inChannels, outChannels, false);
    return winograd(context, geometry, x, packed, y, epilogue);
  }
  const packed = pack(context, filter, geometry);
  if (suitsRuns(geometry, 32)) return thinConvolution(context, geometry, x, packed, y, epilogue);
  const offsets: number[] = [];
  for (let a = 0; a < geometry.filterHeight; a++) {
    for (let b = 0; b < geometry.filterWidth; b++) {
      offsets.push(
        a * geometry.dilationHeight - geometry.padTop,
        b * geometry.dilationWidth - geometry.padLeft,
      );
    }
  }
  return directConvolution(
    context,
    {
      x,
      height: geometry.height,
      width: geometry.width,
      inChannels,
      gridHeight: geometry.outHeight,
      gridWidth: geometry.outWidth,
      stepHeight: geometry.strideHeight,
      stepWidth: geometry.strideWidth,
      offsets,
      filter: packed,
      y,
      outHeight: geometry.outHeight,
      outWidth: geometry.outWidth,
      outStepHeight: 1,
      outStepWidth: 1,
      outRow: 0,
      outColumn: 0,
      outChannels,
      images: geometry.images,
    },
    epilogue,
  );
}

/**
 * dx = the gradient of a convolution's input: a convolution of dy by the rotated filter, with stride 1 by Winograd's
 * algorithm where that suits; with larger strides one for each phase of dx, with the taps that reach it.
 *
 * @param dy the address of [images, outHeight, outWidth, outChannels]
 * @param dx the address of [images, height, width, inChannels]
 */
export function convolveBack(
  context: Context,
  geometry: Geometry,
  dy: number,
  filter: TensorInfo,
  dx: number,
): void {
  const { images, height, width, inChannels, outHeight, outWidth, outChannels } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = geometry;
  const transposed: Geometry = {
    ...geometry,
    height: outHeight,
    width: outWidth,
    inChannels: outChannels,
    outHeight: height,
    outWidth: width,
    outChannels: inChannels,
    padTop: 2 - geometry.padTop,
    padLeft: 2 - geometry.padLeft,
  };
  if (context.winograd && suitsWinograd(transposed)) {
    const packed = packWinograd(context, filter, inChannels, outChannels, true);
    winograd(context, transposed, dy, packed, dx, {});
    return;
  }
  for (let row = 0; row < strideHeight; row++) {
    for (let column = 0; column < strideWidth; column++) {
      const selection: number[] = [];
      const offsets: number[] = [];
      for (let a = 0; a < filterHeight; a++) {
        for (let b = 0; b < filterWidth; b++) {
          const outRow = row + geometry.padTop - a * dilationHeight;
          const outColumn = column + geometry.padLeft - b * dilationWidth;
          if (outRow % strideHeight !== 0 || outColumn % strideWidth !== 0) continue;
          offsets.push(outRow / strideHeight, outColumn / strideWidth);
          selection.push(a * filterWidth + b);
        }
      }
      const [gridHeight, gridWidth] = [
        Math.ceil((height - row) / strideHeight),
        Math.ceil((width - column) / strideWidth),
      ];
      if (gridHeight <= 0 || gridWidth <= 0) continue;
      const packed = packTransposed(context, filter, inChannels, outChannels, selection);
      directConvolution(
        context,
        {
          x: dy,
          height: outHeight,
          width: outWidth,
          inChannels: outChannels,
          gridHeight,
          gridWidth,
          stepHeight: 1,
          stepWidth: 1,
          offsets,
          filter: packed,
          y: dx,
          outHeight: height,
          outWidth: width,
          outStepHeight: strideHeight,
          outStepWidth: strideWidth,
          outRow: row,
          outColumn: column,
          outChannels: inChannels,
          images,
        },
        {},
      );
    }
  }
}

interface DirectConvolution {
  x: number;
  height: number;
  width: number;
  inChannels: number;
  gridHeight: number;
  gridWidth: number;
  stepHeight: number;
  stepWidth: number;
  offsets: number[];
  filter: number;
  y: number;
  outHeight: number;
  outWidth: number;
  outStepHeight: number;
  outStepWidth: number;
  outRow: number;
  outColumn: number;
  outChannels: number;
  images: number;
}

function directConvolution(context: Context, convolution: DirectConvolution, epilogue: Epilogue): number {
  const { runtime } = context;
  const { offsets, images, inChannels, gridHeight, gridWidth, outChannels, y } = convolution;
  const taps = offsets.length / 2;
  const pixels = images * gridHeight * gridWidth;
  const block = (epilogue.statistics ? TILES_WITH_STATISTICS : TILES_PER_BLOCK) * runtime.tileRows;
  const plan = planChunks(context, pixels, block, outChannels, 4, epilogue.statistics);
  runtime.threadScratch(tableBytes(context, outChannels, taps));
  runtime.run(
    'convolution',
    {
      flags: flagsOf(epilogue),
      channels: outChannels,
      scale: epilogue.scale ?? 0,
      shift: epilogue.shift ?? 0,
      residualOffset: residualOffset(epilogue, y),
      totals: totalsOf(context, epilogue, outChannels, plan.parts),
      x: convolution.x,
      height: convolution.height,
      width: convolution.width,
      inChannels,
      gridHeight,
      gridWidth,
      stepHeight: convolution.stepHeight,
      stepWidth: convolution.stepWidth,
      taps,
      offsets: runtime.integers('offsets', offsets),
      length: inChannels,
      filter: convolution.filter,
      zeros: runtime.zeros(4 * Math.max(64, inChannels)),
      y,
      outHeight: convolution.outHeight,
      outWidth: convolution.outWidth,
      outStepHeight: convolution.outStepHeight,
      outStepWidth: convolution.outStepWidth,
      outRow: convolution.outRow,
      outColumn: convolution.outColumn,
      pixels,
      pixelsPerChunk: plan.itemsPerChunk,
      pixelChunks: plan.parts,
      channelsPerChunk: plan.channelsPerChunk,
    },
    plan.chunks,
  );
  return plan.parts;
}

function thinConvolution(
  context: Context,
  geometry: Geometry,
  x: number,
  filter: number,
  y: number,
  epilogue: Epilogue,
): number {
  const { runtime } = context;
  const { images, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = geometry;
  const width = Math.max(
    geometry.padLeft + geometry.width,
    (outWidth - 1) * geometry.strideWidth + filterWidth,
  );
  const height = (outHeight - 1) * geometry.strideHeight + filterHeight;
  const rowsPerBand = Math.min(
    outHeight,
    Math.max(1, Math.ceil((4 * TILES_WITH_STATISTICS * TILE_ROWS.relaxed) / outWidth)),
  );
  const bandsPerImage = Math.ceil(outHeight / rowsPerBand);
  const bandRows = (rowsPerBand - 1) * geometry.strideHeight + filterHeight;
  const bandOffset = tableBytes(context, outChannels, filterHeight);
  runtime.threadScratch(bandOffset + 4 * bandRows * width * inChannels);
  const chunks = images * bandsPerImage;
  runtime.run(
    'thinConvolution',
    {
      flags: flagsOf(epilogue),
      channels: outChannels,
      scale: epilogue.scale ?? 0,
      shift: epilogue.shift ?? 0,
      residualOffset: residualOffset(epilogue, y),
      totals: totalsOf(context, epilogue, outChannels, chunks),
      x: 0,
      height,
      width,
      inChannels,
      gridHeight: outHeight,
      gridWidth: outWidth,
      stepHeight: geometry.strideHeight,
      stepWidth: geometry.strideWidth,
      taps: filterHeight,
      offsets: runtime.integers('offsets', Array.from({ length: filterHeight }, (_, row) => [row, 0]).flat()),
      length: filterWidth * inChannels,
      filter,
      zeros: runtime.zeros(4 * Math.max(64, filterWidth * inChannels)),
      y,
      outHeight,
      outWidth,
      outStepHeight: 1,
      outStepWidth: 1,
      outRow: 0,
      outColumn: 0,
      pixels: images * outHeight * outWidth,
      pixelsPerChunk: rowsPerBand * outWidth,
      pixelChunks: chunks,
      channelsPerChunk: outChannels,
      images: x,
      imageHeight: geometry.height,
      imageWidth: geometry.width,
      padTop: geometry.padTop,
      padLeft: geometry.padLeft,
      filterHeight,
      rowsPerBand,
      bandsPerImage,
      bandOffset,
    },
    chunks,
  );
  return chunks;
}

function winograd(
  context: Context,
  geometry: Geometry,
  x: number,
  filter: number,
  y: number,
  epilogue: Epilogue,
): number {
  const { runtime } = context;
  const { images, inChannels, outHeight, outWidth, outChannels } = geometry;
  const tilesDown = Math.ceil(outHeight / 4);
  const tilesAcross = Math.ceil(outWidth / 4);
  const tiles = images * tilesDown * tilesAcross;
  // Fewer chunks, as those that share tiles all transform them.
  const plan = planChunks(context, tiles, 2 * runtime.tileRows, outChannels, 2, epilogue.statistics);
  // Blocks of about the same size: a last one of a tile or two would read the whole filter for them.
  const blocks = Math.ceil(plan.itemsPerChunk / winogradBlock(context, inChannels, outChannels));
  const tilesPerBlock = roundUp(Math.ceil(plan.itemsPerChunk / blocks), runtime.tileRows);
  const groupChannels = roundUp(plan.channelsPerChunk, 8);
  const depth = roundUp(inChannels, 4);
  runtime.threadScratch(
    statisticsBytes(outChannels) +
      BETWEEN_BYTES +
      WINOGRAD_VALUES *
        (4 * depth + matrixStep(tilesPerBlock, depth) + matrixStep(tilesPerBlock, groupChannels)),
  );
  runtime.run(
    'winograd',
    {
      flags: flagsOf(epilogue),
      channels: outChannels,
      scale: epilogue.scale ?? 0,
      shift: epilogue.shift ?? 0,
      residualOffset: residualOffset(epilogue, y),
      totals: totalsOf(context, epilogue, outChannels, plan.parts),
      x,
      height: geometry.height,
      width: geometry.width,
      inChannels,
      padTop: geometry.padTop,
      padLeft: geometry.padLeft,
      filter,
      y,
      outHeight,
      outWidth,
      tilesDown,
      tilesAcross,
      tiles,
      tilesPerChunk: plan.itemsPerChunk,
      tilesPerBlock,
      tileChunks: plan.parts,
      channelsPerChunk: plan.channelsPerChunk,
    },
    plan.chunks,
  );
  return plan.parts;
}

/** Bytes of one of a block's 36 matrices; see assembly/winograd-transforms.ts. */
export function matrixStep(tiles: number, channels: number): number {
  return roundUp(4 * tiles * channels, CACHE_LINE) | CACHE_LINE;
}

/**
 * The most tiles of which a block is made: what the second cache holds of transformed inputs and products, and at least the
 * sixteen of a map of 14×14, as each block reads the whole filter.
 */
export function winogradBlock({ runtime }: Context, inChannels: number, outChannels: number): number {
  const most = BLOCK_BYTES / (WINOGRAD_VALUES * 4 * (inChannels + outChannels));
  const step = 2 * runtime.tileRows;
  return Math.min(8 * step, Math.max(3 * runtime.tileRows, Math.floor(most / step) * step));
}

/**
 * How pixels (or tiles) and channels are shared out: into chunks of whole blocks of pixels, as many as keep threads busy of
 * which one is slower, and where there are few, by channels too. With statistics the parts are the result's, and depend on
 * nothing but the shape.
 */
function planChunks(
  { runtime }: Context,
  items: number,
  block: number,
  channels: number,
  chunksPerThread: number,
  statistics: boolean | undefined,
): { itemsPerChunk: number; parts: number; channelsPerChunk: number; chunks: number } {
  const isShared = statistics || runtime.threads > 1;
  const blocks = Math.ceil(items / block);
  const itemsPerChunk = block * Math.ceil(blocks / Math.min(isShared ? FIXED_CHUNKS : 1, blocks));
  const parts = Math.ceil(items / itemsPerChunk);
  const wanted = statistics || runtime.threads === 1 ? 1 : chunksPerThread * runtime.threads;
  const groups = Math.min(Math.ceil(wanted / parts), Math.ceil(channels / 8));
  const channelsPerChunk = roundUp(Math.ceil(channels / groups), 8);
  return { itemsPerChunk, parts, channelsPerChunk, chunks: parts * Math.ceil(channels / channelsPerChunk) };
}

/** Bytes of a thread's statistics and tables in a direct convolution; see assembly/convolution.ts. */
function tableBytes({ runtime }: Context, channels: number, taps: number): number {
  return roundUp(statisticsBytes(channels) + 4 * MOST_TILES * (1 + runtime.tileRows * (9 + taps)), 16);
}

function statisticsBytes(channels: number): number {
  return 8 * roundUp(channels, 8);
}
