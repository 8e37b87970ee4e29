// Direct convolution: for every tile of output pixels a table of pointers says where the input of each filter tap
// lies, so that padding, strides, dilations and the phases of an input gradient are all the same loop.
import { Epilogue, finish, finishRest, floorOf, RESIDUAL, STATISTICS, scaleOf, shiftOf } from './epilogue';
import { addTile, ROWS, tileRows } from './generated/tiles';
import { addStatistics, flushStatistics, statisticsBytes } from './statistics';
import { Whole } from './vectors';

/** Tiles that share one pass over the filter's columns; their input stays in the cache meanwhile. A map of 14×14 is one block. */
export const TILES_PER_BLOCK: i32 = 33;
/** Fewer with statistics: they are float32 over a block, which must stay exact. */
export const TILES_WITH_STATISTICS: i32 = 16;
/** The last pixels of a block may be a few small tiles. */
export const MOST_TILES: i32 = TILES_PER_BLOCK + 4;
/** Bytes of a tile's sums. */
const TILE_BYTES: usize = (<usize>ROWS) << 5;
/** Input channels at a time: 16 kB of the filter, which stay in the L1 cache for all tiles of a block. */
const DEPTH: i32 = 512;

@unmanaged
export class ConvolutionTask extends Epilogue {
  x: usize;
  height: i32;
  width: i32;
  /** Floats from one pixel of x to the next. */
  inChannels: i32;
  /** Pixels computed for each image: all outputs, or one phase of an input gradient. */
  gridHeight: i32;
  gridWidth: i32;
  /** Rows and columns of x from one pixel of the grid to the next. */
  stepHeight: i32;
  stepWidth: i32;
  /** Pairs of (row, column): where each tap reads, relative to the pixel. */
  taps: i32;
  offsets: usize;
  /** Floats that a tap reads. */
  length: i32;
  /** [⌈channels / 8⌉][taps][length][8] */
  filter: usize;
  /** At least `length` zeros, and at least those of a tile: padding reads them, and sums start from them. */
  zeros: usize;
  y: usize;
  outHeight: i32;
  outWidth: i32;
  /** The position of the grid in y. */
  outStepHeight: i32;
  outStepWidth: i32;
  outRow: i32;
  outColumn: i32;
  /** float64 [pixelChunks][2][channels], with STATISTICS. */
  totals: usize;
  pixels: i32;
  pixelsPerChunk: i32;
  pixelChunks: i32;
  channelsPerChunk: i32;
}

export function convolution(task: ConvolutionTask, chunk: i32, scratch: usize): void {
  const pixelChunk = chunk % task.pixelChunks;
  const firstChannel = (chunk / task.pixelChunks) * task.channelsPerChunk;
  const lastChannel = min(firstChannel + task.channelsPerChunk, task.channels);
  const first = pixelChunk * task.pixelsPerChunk;
  const last = min(first + task.pixelsPerChunk, task.pixels);
  convolvePixels(task, task.x, task.height, pixelChunk, first, last, firstChannel, lastChannel, scratch);
}

/**
 * Computes pixels [first, last) of the grid. In scratch: the statistics of this block, the sums of its tiles, then their
 * tables; see `tableBytes` in TypeScript.
 */
export function convolvePixels(
  task: ConvolutionTask,
  x: usize,
  height: i32,
  pixelChunk: i32,
  first: i32,
  last: i32,
  firstChannel: i32,
  lastChannel: i32,
  scratch: usize,
): void {
  const channels = task.channels;
  const withStatistics = task.flags & STATISTICS;
  const totals = task.totals + ((<usize>(pixelChunk * channels)) << 4);
  if (withStatistics) {
    memory.fill(scratch, 0, statisticsBytes(channels));
    memory.fill(totals, 0, (<usize>channels) << 4);
  }
  const sums = scratch + statisticsBytes(channels);
  const table = sums + <usize>MOST_TILES * TILE_BYTES;
  const recordBytes = (<usize>(1 + ROWS + task.taps * ROWS)) << 2;
  const panelBytes = (<usize>(task.taps * task.length)) << 5;

  let isCold = true;
  while (first < last) {
    const count = min((withStatistics ? TILES_WITH_STATISTICS : TILES_PER_BLOCK) * ROWS, last - first);
    const tiles = fillTiles(task, x, height, first, count, table, recordBytes);
    first += count;
    if (task.flags & RESIDUAL) fetch(<usize>load<u32>(table + 4) + task.residualOffset, <usize>(count * channels) << 2, sums);
    let filter = task.filter + <usize>(firstChannel >> 3) * panelBytes;
    for (let channel = firstChannel; channel < lastChannel; channel += 8) {
      addTaps(task, tiles, table, recordBytes, filter, sums, isCold);
      const columns = min(8, channels - channel);
      for (let tile = 0; tile < tiles; tile++) {
        const record = table + <usize>tile * recordBytes;
        endTile(task, load<i32>(record), record + 4, channel, columns, sums + <usize>tile * TILE_BYTES, scratch);
      }
      filter += panelBytes;
    }
    isCold = false;
    if (withStatistics) flushStatistics(scratch, channels, totals);
  }
}

/**
 * Reads memory from first to last, which processors prefetch. Tiles read it in distant pieces and would wait for each; after this
 * they find it in a cache.
 */
function fetch(address: usize, bytes: usize, sink: usize): void {
  let seen = 0;
  for (const end = address + bytes; address < end; address += 64) seen |= load<i32>(address);
  // Otherwise the compiler would remove the reads.
  store<i32>(sink, seen);
}

/** The sums of a block's tiles for eight output channels. All tiles use one piece of the filter before the next. */
function addTaps(
  task: ConvolutionTask,
  tiles: i32,
  table: usize,
  recordBytes: usize,
  filter: usize,
  sums: usize,
  isCold: bool,
): void {
  if (task.taps == 0) memory.fill(sums, 0, <usize>tiles * TILE_BYTES);
  let isFirst = true;
  for (let tap = 0; tap < task.taps; tap++) {
    for (let start = 0; start < task.length; start += DEPTH) {
      const depth = min(DEPTH, task.length - start);
      if (isCold) fetch(filter, (<usize>depth) << 5, sums + <usize>MOST_TILES * TILE_BYTES - 4);
      for (let tile = 0; tile < tiles; tile++) {
        const record = table + <usize>tile * recordBytes;
        const rows = load<i32>(record);
        const pointers = record + ((<usize>(1 + ROWS + tap * rows)) << 2);
        const to = sums + <usize>tile * TILE_BYTES;
        addTile(rows, pointers, (<usize>start) << 2, depth, filter, isFirst ? task.zeros : to, to);
      }
      filter += (<usize>depth) << 5;
      isFirst = false;
    }
  }
}

/** Applies the epilogue to the sums of a tile and stores them. */
function endTile(
  task: ConvolutionTask,
  rows: i32,
  outputs: usize,
  channel: i32,
  columns: i32,
  sums: usize,
  statistics: usize,
): void {
  const flags = task.flags;
  const offset = (<usize>channel) << 2;
  if (columns < 8) {
    for (; rows > 0; rows--) {
      const out = <usize>load<u32>(outputs) + offset;
      finishRest(task, channel, 1, sums, 0, out, 0, statistics, columns);
      if (columns > 4) finishRest(task, channel + 4, 1, sums + 16, 0, out + 16, 0, statistics, columns - 4);
      outputs += 4;
      sums += 32;
    }
    return;
  }
  if (flags & STATISTICS) {
    addStatistics<Whole>(statistics + offset, task.channels, rows, sums, 32, 4);
    addStatistics<Whole>(statistics + offset + 16, task.channels, rows, sums + 16, 32, 4);
  }
  const lowScale = scaleOf<Whole>(task, offset, 4);
  const highScale = scaleOf<Whole>(task, offset + 16, 4);
  const lowShift = shiftOf<Whole>(task, offset, 4);
  const highShift = shiftOf<Whole>(task, offset + 16, 4);
  const floor = floorOf(task);
  const hasResidual = flags & RESIDUAL;
  const residualOffset = task.residualOffset;
  for (; rows > 0; rows--) {
    const out = <usize>load<u32>(outputs) + offset;
    finish<Whole>(v128.load(sums), lowScale, lowShift, floor, hasResidual, out, residualOffset, 4);
    finish<Whole>(v128.load(sums, 16), highScale, highShift, floor, hasResidual, out + 16, residualOffset, 4);
    outputs += 4;
    sums += 32;
  }
}

/**
 * Writes the records of a block's tiles: the rows, their destinations, and for each tap the addresses that they read. Returns the
 * number of tiles, which are full except at a chunk's end.
 */
function fillTiles(
  task: ConvolutionTask,
  x: usize,
  height: i32,
  first: i32,
  count: i32,
  table: usize,
  recordBytes: usize,
): i32 {
  const width = task.width;
  const pitch = task.inChannels << 2;
  const gridPixels = task.gridHeight * task.gridWidth;
  let image = first / gridPixels;
  const inImage = first - image * gridPixels;
  let gridRow = inImage / task.gridWidth;
  let gridColumn = inImage - gridRow * task.gridWidth;
  let tiles = 0;
  let record = table;
  while (count > 0) {
    const rows = tileRows(count);
    store<i32>(record, rows);
    let output = record + 4;
    let pointers = record + ((<usize>(1 + ROWS)) << 2);
    for (let row = 0; row < rows; row++) {
      const outRow = gridRow * task.outStepHeight + task.outRow;
      const outColumn = gridColumn * task.outStepWidth + task.outColumn;
      const outPixel = (image * task.outHeight + outRow) * task.outWidth + outColumn;
      store<u32>(output, <u32>task.y + <u32>(outPixel * task.channels) * 4);
      output += 4;

      const inRow = gridRow * task.stepHeight;
      const inColumn = gridColumn * task.stepWidth;
      const origin = <u32>x + <u32>((image * height + inRow) * width + inColumn) * <u32>pitch;
      let offset = task.offsets;
      let pointer = pointers;
      for (let tap = task.taps; tap > 0; tap--) {
        const a = load<i32>(offset);
        const b = load<i32>(offset, 4);
        offset += 8;
        const inside = <u32>(inRow + a) < <u32>height && <u32>(inColumn + b) < <u32>width;
        store<u32>(pointer, inside ? origin + <u32>((a * width + b) * pitch) : <u32>task.zeros);
        pointer += (<usize>rows) << 2;
      }
      pointers += 4;
      if (++gridColumn < task.gridWidth) continue;
      gridColumn = 0;
      if (++gridRow < task.gridHeight) continue;
      gridRow = 0;
      image++;
    }
    count -= rows;
    record += recordBytes;
    tiles++;
  }
  return tiles;
}
