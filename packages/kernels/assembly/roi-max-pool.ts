// RoI max pooling and its gradient: the largest value of each cell of a region.
import { bandEnd, bandStart, imageOf, RegionTask, regionAt } from './regions';
import { load4, Rest, store4, Whole } from './vectors';

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
export function roiMaxPool(task: RoiMaxPoolTask, chunk: i32, _scratch: usize): void {
  cellsOf<Read>(task, regionAt(task, chunk), 0, task.mapBytes);
}

/** A band of rows of dx is a chunk. The gradient goes to the first pixel of a cell that has its largest value. */
export function roiMaxPoolGradient(task: RoiMaxPoolTask, chunk: i32, _scratch: usize): void {
  const start = bandStart(task, chunk);
  const end = bandEnd(task, chunk);
  memory.fill(task.dx + start, 0, end - start);
  for (let index = 0; index < task.regions; index++) cellsOf<Add>(task, regionAt(task, index), start, end);
}

/** Whether a cell reads from x, or adds to dx. */
type Read = f32;
type Add = i32;

/** All cells of a region that have pixels between `start` and `end` of x; to read, the others too. */
function cellsOf<A>(task: RoiMaxPoolTask, region: i32, start: usize, end: usize): void {
  const image = imageOf(task, region);
  const bytes = (<usize>task.channels) << 2;
  let offset = <usize>(region * task.rows * task.columns) * bytes;
  for (let row = region * task.rows; row < (region + 1) * task.rows; row++) {
    const rowBin = task.rowBins + ((<usize>row) << 3);
    const top = image + <usize>load<u32>(rowBin);
    const bottom = image + <usize>load<u32>(rowBin, 4);
    if (isInteger<A>() && (bottom <= start || top >= end)) {
      offset += <usize>task.columns * bytes;
      continue;
    }
    for (let column = region * task.columns; column < (region + 1) * task.columns; column++) {
      const columnBin = task.columnBins + ((<usize>column) << 3);
      const left = <usize>load<u32>(columnBin);
      const right = <usize>load<u32>(columnBin, 4);
      let channel: usize = 0;
      for (; channel + 16 <= bytes; channel += 16) {
        if (isFloat<A>()) largestOf<Whole>(task, offset, channel, top, bottom, left, right, 4);
        else addToLargest<Whole>(task, offset, channel, top, bottom, left, right, 4, start, end);
      }
      if (channel < bytes) {
        const lanes = task.channels & 3;
        if (isFloat<A>()) largestOf<Rest>(task, offset, channel, top, bottom, left, right, lanes);
        else addToLargest<Rest>(task, offset, channel, top, bottom, left, right, lanes, start, end);
      }
      offset += bytes;
    }
  }
}

function largestOf<L>(
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
  let largest = f32x4.splat(top < bottom && left < right ? -f32.MAX_VALUE : 0);
  for (; top < bottom; top += task.lineBytes) {
    const end = task.x + top + right + channel;
    for (let x = task.x + top + left + channel; x < end; x += bytes) largest = f32x4.pmax(largest, load4<L>(x, lanes));
  }
  store4<L>(task.y + offset + channel, largest, lanes);
}

/** Goes through the pixels from the last to the first, and keeps for each channel where its largest value was. */
function addToLargest<L>(
  task: RoiMaxPoolTask,
  offset: usize,
  channel: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  lanes: i32,
  start: usize,
  end: usize,
): void {
  const bytes = (<usize>task.channels) << 2;
  const largest = load4<L>(task.y + offset + channel, lanes);
  let found = i32x4.splat(-1);
  while (bottom > top) {
    bottom -= task.lineBytes;
    for (let at = bottom + right; at > bottom + left; ) {
      at -= bytes;
      const isLargest = f32x4.eq(load4<L>(task.x + at + channel, lanes), largest);
      found = v128.bitselect(i32x4.splat(<i32>at), found, isLargest);
    }
  }
  const dy = task.dy + offset + channel;
  const dx = task.dx + channel;
  addAt(dx, <usize>i32x4.extract_lane(found, 0), dy, start, end);
  if (lanes > 1) addAt(dx + 4, <usize>i32x4.extract_lane(found, 1), dy + 4, start, end);
  if (lanes > 2) addAt(dx + 8, <usize>i32x4.extract_lane(found, 2), dy + 8, start, end);
  if (lanes > 3) addAt(dx + 12, <usize>i32x4.extract_lane(found, 3), dy + 12, start, end);
}

/** Where nothing was found, `at` is beyond every map. */
@inline
function addAt(dx: usize, at: usize, dy: usize, start: usize, end: usize): void {
  if (at >= start && at < end) store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy));
}
