// RoIAlign and its gradient: in each cell of a region a weighted sum of pixels, whose weights are products of one for the row and one
// for the column.
import { bandEnd, bandStart, imageOf, RegionTask, regionAt } from './regions';
import { load4, multiplyAdd, Rest, store4 } from './vectors';

@unmanaged
export class RoiAlignTask extends RegionTask {
  /** The maps, or their gradient. */
  x: usize;
  /** The result, or its gradient. */
  y: usize;
  /** Of each region's row: the number of its first tap; behind the last, how many there are. */
  rowStarts: usize;
  /** Pairs: where a row of pixels begins in its image, in bytes, and its weight. */
  rowTaps: usize;
  /** The same for columns. */
  columnStarts: usize;
  columnTaps: usize;
}

/** A region is a chunk. */
export function roiAlign(task: RoiAlignTask, chunk: i32, _scratch: usize): void {
  cellsOf(task, regionAt(task, chunk), 0, task.mapBytes, false);
}

/** A band of rows of dx is a chunk. */
export function roiAlignGradient(task: RoiAlignTask, chunk: i32, _scratch: usize): void {
  const start = bandStart(task, chunk);
  const end = bandEnd(task, chunk);
  memory.fill(task.x + start, 0, end - start);
  for (let index = 0; index < task.regions; index++) cellsOf(task, regionAt(task, index), start, end, true);
}

/** Whether a cell reads from x, or adds to it; code of its own for each, where that counts. */
type Read = f32;
type Add = i32;

/** All cells of a region, with what they have between `start` and `end` of x. */
function cellsOf(task: RoiAlignTask, region: i32, start: usize, end: usize, adds: bool): void {
  const image = imageOf(task, region);
  const x = task.x + image;
  const bytes = (<usize>task.channels) << 2;
  let y = task.y + <usize>(region * task.rows * task.columns) * bytes;
  for (let row = region * task.rows; row < (region + 1) * task.rows; row++) {
    let top = tapAt(task.rowStarts, task.rowTaps, row);
    let bottom = tapAt(task.rowStarts, task.rowTaps, row + 1);
    while (top < bottom && isOutside(image, top, start, end)) top += 8;
    while (top < bottom && isOutside(image, bottom - 8, start, end)) bottom -= 8;
    if (adds && top == bottom) {
      y += <usize>task.columns * bytes;
      continue;
    }
    for (let column = region * task.columns; column < (region + 1) * task.columns; column++) {
      const left = tapAt(task.columnStarts, task.columnTaps, column);
      const right = tapAt(task.columnStarts, task.columnTaps, column + 1);
      let channel: usize = 0;
      for (; channel + 128 <= bytes; channel += 128) {
        if (adds) lines<Add>(x + channel, y + channel, top, bottom, left, right);
        else lines<Read>(x + channel, y + channel, top, bottom, left, right);
      }
      for (; channel < bytes; channel += 16) {
        const lanes = min(4, <i32>(bytes - channel) >> 2);
        if (adds) rest<Add>(x + channel, y + channel, top, bottom, left, right, lanes);
        else rest<Read>(x + channel, y + channel, top, bottom, left, right, lanes);
      }
      y += bytes;
    }
  }
}

@inline
function tapAt(starts: usize, taps: usize, bin: i32): usize {
  return taps + (<usize>load<u32>(starts + ((<usize>bin) << 2)) << 3);
}

/** Whether the tap's row of pixels lies before `start` or behind `end`. */
@inline
function isOutside(image: usize, tap: usize, start: usize, end: usize): bool {
  const row = image + <usize>load<u32>(tap);
  return row < start || row >= end;
}

/** 32 channels of a cell, two lines of the cache. */
function lines<A>(x: usize, y: usize, top: usize, bottom: usize, left: usize, right: usize): void {
  let a = valueOf<A>(y);
  let b = valueOf<A>(y + 16);
  let c = valueOf<A>(y + 32);
  let d = valueOf<A>(y + 48);
  let e = valueOf<A>(y + 64);
  let f = valueOf<A>(y + 80);
  let g = valueOf<A>(y + 96);
  let h = valueOf<A>(y + 112);
  for (; top < bottom; top += 8) {
    const row = x + <usize>load<u32>(top);
    const ofRow = v128.load32_splat(top, 4);
    for (let tap = left; tap < right; tap += 8) {
      const pixel = row + <usize>load<u32>(tap);
      const weight = f32x4.mul(ofRow, v128.load32_splat(tap, 4));
      a = weighted<A>(a, weight, pixel);
      b = weighted<A>(b, weight, pixel + 16);
      c = weighted<A>(c, weight, pixel + 32);
      d = weighted<A>(d, weight, pixel + 48);
      e = weighted<A>(e, weight, pixel + 64);
      f = weighted<A>(f, weight, pixel + 80);
      g = weighted<A>(g, weight, pixel + 96);
      h = weighted<A>(h, weight, pixel + 112);
    }
  }
  if (isInteger<A>()) return;
  v128.store(y, a);
  v128.store(y, b, 16);
  v128.store(y, c, 32);
  v128.store(y, d, 48);
  v128.store(y, e, 64);
  v128.store(y, f, 80);
  v128.store(y, g, 96);
  v128.store(y, h, 112);
}

/** What a cell begins with: no sum, or the gradient that it adds. */
@inline
function valueOf<A>(y: usize): v128 {
  if (isFloat<A>()) return f32x4.splat(0);
  return v128.load(y);
}

/** The sum with one pixel more; or the same gradient, added to one pixel more. */
@inline
function weighted<A>(value: v128, weight: v128, pixel: usize): v128 {
  const sum = isFloat<A>()
    ? multiplyAdd(v128.load(pixel), weight, value)
    : multiplyAdd(value, weight, v128.load(pixel));
  if (isFloat<A>()) return sum;
  v128.store(pixel, sum);
  return value;
}

/** The same for up to four channels. */
function rest<A>(x: usize, y: usize, top: usize, bottom: usize, left: usize, right: usize, lanes: i32): void {
  let value = isFloat<A>() ? f32x4.splat(0) : load4<Rest>(y, lanes);
  for (; top < bottom; top += 8) {
    const row = x + <usize>load<u32>(top);
    const ofRow = v128.load32_splat(top, 4);
    for (let tap = left; tap < right; tap += 8) {
      const pixel = row + <usize>load<u32>(tap);
      const weight = f32x4.mul(ofRow, v128.load32_splat(tap, 4));
      if (isFloat<A>()) value = multiplyAdd(load4<Rest>(pixel, lanes), weight, value);
      else store4<Rest>(pixel, multiplyAdd(value, weight, load4<Rest>(pixel, lanes)), lanes);
    }
  }
  if (isFloat<A>()) store4<Rest>(y, value, lanes);
}
