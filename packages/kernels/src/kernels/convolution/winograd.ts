import { BETWEEN_BYTES, RUN_BYTES, WINOGRAD_VALUES } from '../../generated/constants.js';
import type { Context } from '../../runtime/context.js';
import { planChunks, statisticsBytes } from './chunks.js';
import { type Epilogue, flagsOf, residualOffset, totalsOf } from './epilogue.js';
import { type Geometry, matrixStep, roundUp } from './geometry.js';

/** Bytes of the L2 cache for the values of a Winograd block. */
const BLOCK_BYTES = 600_000;
export function winograd(
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
  // Fewer chunks, as all chunks that share tiles transform them.
  const plan = planChunks(context, tiles, 2 * runtime.tileRows, outChannels, 2, epilogue.statistics);
  // Blocks of about the same size: a last block of one or two tiles would read the whole filter too.
  const blocks = Math.ceil(plan.itemsPerChunk / winogradBlock(context, inChannels, outChannels));
  const tilesPerBlock = roundUp(Math.ceil(plan.itemsPerChunk / blocks), runtime.tileRows);
  const groupChannels = roundUp(plan.channelsPerChunk, 8);
  const depth = roundUp(inChannels, 4);
  runtime.threadScratch(
    statisticsBytes(outChannels) +
      BETWEEN_BYTES +
      RUN_BYTES +
      WINOGRAD_VALUES * (matrixStep(tilesPerBlock, depth) + matrixStep(tilesPerBlock, groupChannels)),
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

/**
 * The most tiles of a block: as many as the L2 cache holds of transformed inputs and products, and at least the sixteen of a
 * 14×14 map, as each block reads the whole filter.
 */
export function winogradBlock(
  { runtime }: Context,
  inChannels: number,
  outChannels: number,
  bytes = BLOCK_BYTES,
): number {
  const most = bytes / (WINOGRAD_VALUES * 4 * (inChannels + outChannels));
  const step = 2 * runtime.tileRows;
  return Math.min(8 * step, Math.max(3 * runtime.tileRows, Math.floor(most / step) * step));
}
