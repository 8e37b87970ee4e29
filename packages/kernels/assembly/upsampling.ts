// Nearest upsampling and its gradient. A pixel of x becomes a rectangle of pixels of y, which may be empty.
import { load4, Rest, store4, Whole } from './vectors';

@unmanaged
export class UpsampleTask {
  x: usize;
  y: usize;
  /** Of each row of x: its first row of y; behind the last, how many there are. */
  rowStarts: usize;
  /** The same for columns. */
  columnStarts: usize;
  height: i32;
  width: i32;
  outHeight: i32;
  outWidth: i32;
  channels: i32;
}

/** A row of one image of x is a chunk. */
export function upsampleNearest(task: UpsampleTask, chunk: i32, _scratch: usize): void {
  const bytes = (<usize>task.channels) << 2;
  const line = <usize>task.outWidth * bytes;
  const image = chunk / task.height;
  const starts = task.rowStarts + ((<usize>(chunk - image * task.height)) << 2);
  const rows = load<i32>(starts, 4) - load<i32>(starts);
  if (rows == 0) return;
  const first = task.y + <usize>(image * task.outHeight + load<i32>(starts)) * line;
  let x = task.x + <usize>(chunk * task.width) * bytes;
  let y = first;
  for (let column = 0; column < task.width; column++) {
    const end = first + <usize>load<u32>(task.columnStarts + ((<usize>column) << 2), 4) * bytes;
    for (; y < end; y += bytes) {
      let channel: usize = 0;
      for (; channel + 16 <= bytes; channel += 16) v128.store(y + channel, v128.load(x + channel));
      for (; channel < bytes; channel += 4) store<f32>(y + channel, load<f32>(x + channel));
    }
    x += bytes;
  }
  for (let row = 1; row < rows; row++) memory.copy(first + <usize>row * line, first, line);
}

/** A row of one image of dx (as x) is a chunk. */
export function upsampleNearestGradient(task: UpsampleTask, chunk: i32, _scratch: usize): void {
  const bytes = (<usize>task.channels) << 2;
  const line = <usize>task.outWidth * bytes;
  const image = chunk / task.height;
  const starts = task.rowStarts + ((<usize>(chunk - image * task.height)) << 2);
  const top = task.y + <usize>(image * task.outHeight + load<i32>(starts)) * line;
  const bottom = task.y + <usize>(image * task.outHeight + load<i32>(starts, 4)) * line;
  let x = task.x + <usize>(chunk * task.width) * bytes;
  for (let column = 0; column < task.width; column++) {
    const columnStart = task.columnStarts + ((<usize>column) << 2);
    const left = <usize>load<u32>(columnStart) * bytes;
    const right = <usize>load<u32>(columnStart, 4) * bytes;
    let channel: usize = 0;
    for (; channel + 16 <= bytes; channel += 16) sumOf<Whole>(task, x, channel, top, bottom, left, right, 4);
    if (channel < bytes) sumOf<Rest>(task, x, channel, top, bottom, left, right, task.channels & 3);
    x += bytes;
  }
}

@inline
function sumOf<L>(
  task: UpsampleTask,
  dx: usize,
  channel: usize,
  top: usize,
  bottom: usize,
  left: usize,
  right: usize,
  lanes: i32,
): void {
  const bytes = (<usize>task.channels) << 2;
  const line = <usize>task.outWidth * bytes;
  let sum = f32x4.splat(0);
  for (; top < bottom; top += line) {
    const end = top + right + channel;
    for (let y = top + left + channel; y < end; y += bytes) sum = f32x4.add(sum, load4<L>(y, lanes));
  }
  store4<L>(dx + channel, sum, lanes);
}
