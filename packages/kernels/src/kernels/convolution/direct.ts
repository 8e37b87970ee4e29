import { MOST_TILES, TILE_ROWS, TILES_PER_BLOCK, TILES_WITH_STATISTICS } from '../../generated/constants.js';
import type { Context } from '../../runtime/context.js';
import { planChunks, statisticsBytes } from './chunks.js';
import { type Epilogue, flagsOf, residualOffset, totalsOf } from './epilogue.js';
import { type Geometry, roundUp } from './geometry.js';

// Tasks are written out field by field: to make an object of this many fields by spreading others takes V8 20 µs, as much
// as a small convolution.

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

export function directConvolution(
  context: Context,
  convolution: DirectConvolution,
  epilogue: Epilogue,
): number {
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

export function thinConvolution(
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

/** Bytes of a thread's statistics and tables in a direct convolution; see assembly/convolution.ts. */
function tableBytes({ runtime }: Context, channels: number, taps: number): number {
  return roundUp(statisticsBytes(channels) + 4 * MOST_TILES * (1 + runtime.tileRows * (9 + taps)), 16);
}
