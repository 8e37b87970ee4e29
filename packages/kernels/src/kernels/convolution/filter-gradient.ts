import { BETWEEN_BYTES, RUN_BYTES, WINOGRAD_VALUES } from '../../generated/constants.js';
import type { Context } from '../../runtime/context.js';
import { suitsRuns, suitsWinogradFilterGradient } from './algorithm.js';
import { type Geometry, matrixStep, roundUp } from './geometry.js';
import { winogradBlock } from './winograd.js';

/** Bytes of a Winograd block: more than in other convolutions, as each block reads and writes all sums. */
const BLOCK_BYTES = 900_000;
/** The most memory for the separate sums of all chunks. */
const PARTIAL_BYTES = 32_000_000;
/** Bytes of rows that stay in the L1 cache while all taps of the filter read them. */
const ROWS_BYTES = 24_576;
const FIXED_CHUNKS = 16;

/**
 * The gradient of a convolution's filter.
 *
 * @param x the address of [images, height, width, inChannels]
 * @param dy the address of [images, outHeight, outWidth, outChannels]
 * @param filterGradient the address of [filterHeight, filterWidth, inChannels, outChannels]
 */
export function differentiateFilter(
  context: Context,
  geometry: Geometry,
  x: number,
  dy: number,
  filterGradient: number,
): void {
  const bytes = WINOGRAD_VALUES * matrixStep(geometry.inChannels, roundUp(geometry.outChannels, 8));
  const chunks = Math.min(FIXED_CHUNKS, Math.floor(PARTIAL_BYTES / bytes));
  if (context.winograd && chunks > 1 && suitsWinogradFilterGradient(geometry)) {
    winograd(context, geometry, x, dy, filterGradient, chunks);
  } else {
    direct(context, geometry, x, dy, filterGradient);
  }
}

function direct({ runtime }: Context, geometry: Geometry, x: number, dy: number, out: number): void {
  const { images, inChannels, outWidth, outChannels, filterHeight, filterWidth, strideHeight } = geometry;
  const { height, width, outHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft } = geometry;
  const rows = filterHeight * filterWidth * inChannels;
  const pitch = roundUp(outChannels, 8);
  const bytes = 4 * rows * pitch;
  const most = Math.min(images, FIXED_CHUNKS, Math.max(1, Math.floor(PARTIAL_BYTES / bytes)));
  const imagesPerChunk = Math.ceil(images / most);
  const imageChunks = Math.ceil(images / imagesPerChunk);
  const groups = Math.min(Math.ceil(FIXED_CHUNKS / imageChunks), Math.ceil(outChannels / 8));
  const channelsPerChunk = roundUp(Math.ceil(outChannels / groups), 8);
  const lineBytes = 4 * (width * inChannels * strideHeight + outWidth * outChannels);
  const rowsPerBlock = Math.min(outHeight, Math.max(1, Math.floor(ROWS_BYTES / lineBytes)));
  const isThin = suitsRuns(geometry, 7);
  const lines = (rowsPerBlock - 1) * strideHeight + filterHeight;
  const paddedWidth = Math.max((outWidth - 1) * strideWidth + filterWidth, padLeft + width);
  runtime.threadScratch((isThin ? 4 * lines * paddedWidth * inChannels : 0) + 32 * rowsPerBlock * outWidth);
  const partials = runtime.buffer('partials', imageChunks * bytes);
  runtime.run(
    'filterGradient',
    {
      x,
      height,
      width,
      inChannels,
      dy,
      outHeight,
      outWidth,
      outChannels,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      dilationHeight,
      dilationWidth,
      padTop,
      padLeft,
      images,
      imagesPerChunk,
      imageChunks,
      channelsPerChunk,
      partials,
      rowsPerBlock,
      paddedWidth: isThin ? paddedWidth : 0,
    },
    imageChunks * Math.ceil(outChannels / channelsPerChunk),
  );
  const rowsPerChunk = Math.max(1, Math.ceil(65_536 / pitch / imageChunks));
  runtime.run(
    'sumPartials',
    { partials, parts: imageChunks, partBytes: bytes, rows, pitch, out, columns: outChannels, rowsPerChunk },
    Math.ceil(rows / rowsPerChunk),
  );
}

function winograd(
  context: Context,
  geometry: Geometry,
  x: number,
  dy: number,
  filterGradient: number,
  mostChunks: number,
): void {
  const { runtime } = context;
  const { images, inChannels, outHeight, outWidth, outChannels } = geometry;
  const tilesDown = Math.ceil(outHeight / 4);
  const tilesAcross = Math.ceil(outWidth / 4);
  const tiles = images * tilesDown * tilesAcross;
  const columns = roundUp(outChannels, 8);
  const depth = roundUp(inChannels, 4);
  const sumStep = matrixStep(inChannels, columns);
  const tilesPerBlock = Math.min(tiles, winogradBlock(context, inChannels, outChannels, BLOCK_BYTES));
  const tilesPerChunk = tilesPerBlock * Math.ceil(tiles / tilesPerBlock / mostChunks);
  const chunks = Math.ceil(tiles / tilesPerChunk);
  const rowsPerChunk = Math.max(1, Math.ceil(inChannels / FIXED_CHUNKS));
  runtime.threadScratch(
    BETWEEN_BYTES +
      RUN_BYTES +
      16 * 4 * columns +
      WINOGRAD_VALUES * (matrixStep(tilesPerBlock, depth) + matrixStep(tilesPerBlock, columns)),
  );
  const task = {
    x,
    height: geometry.height,
    width: geometry.width,
    inChannels,
    padTop: geometry.padTop,
    padLeft: geometry.padLeft,
    dy,
    outHeight,
    outWidth,
    outChannels,
    tilesDown,
    tilesAcross,
    tiles,
    tilesPerChunk,
    tilesPerBlock,
    partials: runtime.buffer('partials', chunks * WINOGRAD_VALUES * sumStep),
    sumStep,
    chunks,
    filterGradient,
    rowsPerChunk,
  };
  runtime.run('winogradFilterGradient', task, chunks);
  runtime.run('winogradFilterGradientEnd', task, Math.ceil(inChannels / rowsPerChunk));
}
