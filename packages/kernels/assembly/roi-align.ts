// RoIAlign and its gradient: in each cell of a region a weighted sum of pixels, whose weights are products of one for the row and one
// for the column.
import { bandEnd, bandStart, imageOf, RegionTask, regionAt } from './regions';
import { load4, multiplyAdd, Rest, store4, Whole } from './vectors';

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
  cellsOf<Read>(task, regionAt(task, chunk), 0, task.mapBytes);
}

/** A band of rows of dx is a chunk. */
export function roiAlignGradient(task: RoiAlignTask, chunk: i32, _scratch: usize): void {
  const start = bandStart(task, chunk);
  const end = bandEnd(task, chunk);
  memory.fill(task.x + start, 0, end - start);
  for (let index = 0; index < task.regions; index++) cellsOf<Add>(task, regionAt(task, index), start, end);
}

/** Whether a cell reads from x, or adds to it. */
type Read = f32;
type Add = i32;

/** All cells of a region, with what they have between `start` and `end` of x. */
function cellsOf<A>(task: RoiAlignTask, region: i32, start: usize, end: usize): void {
  const image = imageOf(task, region);
  const x = task.x + image;
  const bytes = (<usize>task.channels) << 2;
  let y = task.y + <usize>(region * task.rows * task.columns) * bytes;
  for (let row = region * task.rows; row < (region + 1) * task.rows; row++) {
    let top = tapAt(task.rowStarts, task.rowTaps, row);
    let bottom = tapAt(task.rowStarts, task.rowTaps, row + 1);
    if (isInteger<A>()) {
      while (top < bottom && isOutside(image, top, start, end)) top += 8;
      while (top < bottom && isOutside(image, bottom - 8, start, end)) bottom -= 8;
      if (top == bottom) {
        y += <usize>task.columns * bytes;
        continue;
      }
    }
    for (let column = region * task.columns; column < (region + 1) * task.columns; column++) {
      const left = tapAt(task.columnStarts, task.columnTaps, column);
      const right = tapAt(task.columnStarts, task.columnTaps, column + 1);
      let channel: usize = 0;
      for (; channel + 64 <= bytes; channel += 64) line<A>(x + channel, y + channel, top, bottom, left, right);
      for (; channel + 16 <= bytes; channel += 16) vector<A, Whole>(x + channel, y + channel, top, bottom, left, right, 4);
      if (channel < bytes) vector<A, Rest>(x + channel, y + channel, top, bottom, left, right, task.channels & 3);
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

/** Sixteen channels of a cell, a line of the cache. */
function line<A>(x: usize, y: usize, top: usize, bottom: usize, left: usize, right: usize): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  if (isInteger<A>()) {
    a = v128.load(y);
    b = v128.load(y, 16);
    c = v128.load(y, 32);
    d = v128.load(y, 48);
  }
  for (; top < bottom; top += 8) {
    const from = x + <usize>load<u32>(top);
    const weight = v128.load32_splat(top, 4);
    if (isInteger<A>()) {
      addLine(from, f32x4.mul(a, weight), f32x4.mul(b, weight), f32x4.mul(c, weight), f32x4.mul(d, weight), left, right);
      continue;
    }
    let e = f32x4.splat(0);
    let f = e;
    let g = e;
    let h = e;
    for (let tap = left; tap < right; tap += 8) {
      const pixel = from + <usize>load<u32>(tap);
      const factor = v128.load32_splat(tap, 4);
      e = multiplyAdd(v128.load(pixel), factor, e);
      f = multiplyAdd(v128.load(pixel, 16), factor, f);
      g = multiplyAdd(v128.load(pixel, 32), factor, g);
      h = multiplyAdd(v128.load(pixel, 48), factor, h);
    }
    a = multiplyAdd(e, weight, a);
    b = multiplyAdd(f, weight, b);
    c = multiplyAdd(g, weight, c);
    d = multiplyAdd(h, weight, d);
  }
  if (isInteger<A>()) return;
  v128.store(y, a);
  v128.store(y, b, 16);
  v128.store(y, c, 32);
  v128.store(y, d, 48);
}

@inline
function addLine(to: usize, a: v128, b: v128, c: v128, d: v128, left: usize, right: usize): void {
  for (; left < right; left += 8) {
    const pixel = to + <usize>load<u32>(left);
    const weight = v128.load32_splat(left, 4);
    v128.store(pixel, multiplyAdd(a, weight, v128.load(pixel)));
    v128.store(pixel, multiplyAdd(b, weight, v128.load(pixel, 16)), 16);
    v128.store(pixel, multiplyAdd(c, weight, v128.load(pixel, 32)), 32);
    v128.store(pixel, multiplyAdd(d, weight, v128.load(pixel, 48)), 48);
  }
}

/** The same for up to four channels. */
function vector<A, L>(x: usize, y: usize, top: usize, bottom: usize, left: usize, right: usize, lanes: i32): void {
  let sum = f32x4.splat(0);
  if (isInteger<A>()) sum = load4<L>(y, lanes);
  for (; top < bottom; top += 8) {
    const from = x + <usize>load<u32>(top);
    const weight = v128.load32_splat(top, 4);
    const value = f32x4.mul(sum, weight);
    let ofRow = f32x4.splat(0);
    for (let tap = left; tap < right; tap += 8) {
      const pixel = from + <usize>load<u32>(tap);
      const factor = v128.load32_splat(tap, 4);
      if (isInteger<A>()) store4<L>(pixel, multiplyAdd(value, factor, load4<L>(pixel, lanes)), lanes);
      else ofRow = multiplyAdd(load4<L>(pixel, lanes), factor, ofRow);
    }
    if (isFloat<A>()) sum = multiplyAdd(ofRow, weight, sum);
  }
  if (isFloat<A>()) store4<L>(y, sum, lanes);
}
