// RoI max pooling and its gradient: the largest value of each cell of a region.
import { bandEnd, bandStart, imageOf, RegionTask, regionAt } from './regions';
import { load4, Rest, store4 } from './vectors';

@unmanaged
export class RoiMaxPoolTask extends RegionTask {
  x: usize;
  y: usize;
  /** For the gradient: the gradient of y, and the result, the gradient of x. */
  dy: usize;
  dx: usize;
  /** Of each region's row: where its first row of pixels begins in the image, in bytes, and where the last one ends. */
  rowBins: usize;
  /** The same for columns. */
  columnBins: usize;
  /** Of a row of pixels. */
  lineBytes: usize;
}

/** A region is a chunk. NaN counts as less than everything. */
export function roiMaxPool(task: RoiMaxPoolTask, chunk: i32, scratch: usize): void {
  cellsOf(task, regionAt(task, chunk), 0, task.mapBytes, scratch, false);
}

/** A band of rows of dx is a chunk. The gradient goes to the first pixel of a cell that has its largest value. */
export function roiMaxPoolGradient(task: RoiMaxPoolTask, chunk: i32, scratch: usize): void {
  const start = bandStart(task, chunk);
  const end = bandEnd(task, chunk);
  memory.fill(task.dx + start, 0, end - start);
  for (let index = 0; index < task.regions; index++) cellsOf(task, regionAt(task, index), start, end, scratch, true);
}

/** All cells of a region: reads their largest values, or adds the gradients that belong between `start` and `end`. In scratch: 64 bytes. */
function cellsOf(task: RoiMaxPoolTask, region: i32, start: usize, end: usize, scratch: usize, adds: bool): void {
  const image = imageOf(task, region);
  const bytes = (<usize>task.channels) << 2;
  let offset = <usize>(region * task.rows * task.columns) * bytes;
  for (let row = region * task.rows; row < (region + 1) * task.rows; row++) {
    const rowBin = task.rowBins + ((<usize>row) << 3);
    const top = image + <usize>load<u32>(rowBin);
    const bottom = image + <usize>load<u32>(rowBin, 4);
    if (adds && (bottom <= start || top >= end)) {
      offset += <usize>task.columns * bytes;
      continue;
    }
    for (let column = region * task.columns; column < (region + 1) * task.columns; column++) {
      const columnBin = task.columnBins + ((<usize>column) << 3);
      const left = <usize>load<u32>(columnBin);
      const right = <usize>load<u32>(columnBin, 4);
      let channel: usize = 0;
      for (; channel + 64 <= bytes; channel += 64) {
        if (!adds) largestOfLine(task, offset + channel, channel, top, bottom, left, right);
        else findLine(task, offset + channel, channel, top, bottom, left, right, scratch);
        if (adds) addFound(task, offset + channel, channel, 16, start, end, scratch);
      }
      for (; channel < bytes; channel += 16) {
        const lanes = min(4, <i32>(bytes - channel) >> 2);
        if (!adds) largestOf(task, offset + channel, channel, top, bottom, left, right, lanes);
        else find(task, offset + channel, channel, top, bottom, left, right, lanes, scratch);
        if (adds) addFound(task, offset + channel, channel, lanes, start, end, scratch);
      }
      offset += bytes;
    }
  }
}

/** What a cell without pixels has, and one with pixels begins with. */
@inline
function leastOf(top: usize, bottom: usize, left: usize, right: usize): v128 {
  return f32x4.splat(top < bottom && left < right ? -f32.MAX_VALUE : 0);
}

/** Sixteen channels of a cell, a line of the cache. */
function largestOfLine(
  task: RoiMaxPoolTask,
  offset: usize,
  channel: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
): void {
  const bytes = (<usize>task.channels) << 2;
  let a = leastOf(top, bottom, left, right);
  let b = a;
  let c = a;
  let d = a;
  for (; top < bottom; top += task.lineBytes) {
    const end = task.x + top + right + channel;
    for (let x = task.x + top + left + channel; x < end; x += bytes) {
      a = f32x4.pmax(a, v128.load(x));
      b = f32x4.pmax(b, v128.load(x, 16));
      c = f32x4.pmax(c, v128.load(x, 32));
      d = f32x4.pmax(d, v128.load(x, 48));
    }
  }
  const y = task.y + offset;
  v128.store(y, a);
  v128.store(y, b, 16);
  v128.store(y, c, 32);
  v128.store(y, d, 48);
}

/** The same for up to four channels. */
function largestOf(
  task: RoiMaxPoolTask,
  offset: usize,
  channel: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  lanes: i32,
): void {
  const bytes = (<usize>task.channels) << 2;
  let largest = leastOf(top, bottom, left, right);
  for (; top < bottom; top += task.lineBytes) {
    const end = task.x + top + right + channel;
    for (let x = task.x + top + left + channel; x < end; x += bytes) {
      largest = f32x4.pmax(largest, load4<Rest>(x, lanes));
    }
  }
  store4<Rest>(task.y + offset, largest, lanes);
}

/**
 * Writes for each of sixteen channels where in x, in bytes, the first pixel with the largest value is, or -1. The pixels are gone through
 * from the last to the first, so that no step depends on what was found.
 */
function findLine(
  task: RoiMaxPoolTask,
  offset: usize,
  channel: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  found: usize,
): void {
  const bytes = (<usize>task.channels) << 2;
  const y = task.y + offset;
  const largestA = v128.load(y);
  const largestB = v128.load(y, 16);
  const largestC = v128.load(y, 32);
  const largestD = v128.load(y, 48);
  let a = i32x4.splat(-1);
  let b = a;
  let c = a;
  let d = a;
  while (bottom > top) {
    bottom -= task.lineBytes;
    for (let at = bottom + right; at > bottom + left; ) {
      at -= bytes;
      const x = task.x + at + channel;
      const here = i32x4.splat(<i32>at);
      a = v128.bitselect(here, a, f32x4.eq(v128.load(x), largestA));
      b = v128.bitselect(here, b, f32x4.eq(v128.load(x, 16), largestB));
      c = v128.bitselect(here, c, f32x4.eq(v128.load(x, 32), largestC));
      d = v128.bitselect(here, d, f32x4.eq(v128.load(x, 48), largestD));
    }
  }
  v128.store(found, a);
  v128.store(found, b, 16);
  v128.store(found, c, 32);
  v128.store(found, d, 48);
}

/** The same for up to four channels. */
function find(
  task: RoiMaxPoolTask,
  offset: usize,
  channel: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  lanes: i32,
  found: usize,
): void {
  const bytes = (<usize>task.channels) << 2;
  const largest = load4<Rest>(task.y + offset, lanes);
  let first = i32x4.splat(-1);
  while (bottom > top) {
    bottom -= task.lineBytes;
    for (let at = bottom + right; at > bottom + left; ) {
      at -= bytes;
      const isLargest = f32x4.eq(load4<Rest>(task.x + at + channel, lanes), largest);
      first = v128.bitselect(i32x4.splat(<i32>at), first, isLargest);
    }
  }
  v128.store(found, first);
}

/** Adds the gradients of a cell's channels where their pixels lie in the band; -1 is beyond every map. */
function addFound(
  task: RoiMaxPoolTask,
  offset: usize,
  channel: usize,
  channels: i32,
  start: usize,
  end: usize,
  found: usize,
): void {
  let dy = task.dy + offset;
  let dx = task.dx + channel;
  for (; channels > 0; channels--) {
    const at = <usize>load<u32>(found);
    if (at >= start && at < end) store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
    found += 4;
    dy += 4;
    dx += 4;
  }
}
