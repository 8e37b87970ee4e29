// Nearest upsampling and its gradient. A pixel of x becomes a rectangle of pixels of y, which may be empty.

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
  memory.fill(x, 0, <usize>task.width * bytes);
  for (let column = 0; column < task.width; column++) {
    const columnStart = task.columnStarts + ((<usize>column) << 2);
    const left = <usize>load<u32>(columnStart) * bytes;
    const right = <usize>load<u32>(columnStart, 4) * bytes;
    for (let row = top; row < bottom; row += line) {
      for (let y = row + left; y < row + right; y += bytes) {
        let channel: usize = 0;
        for (; channel + 16 <= bytes; channel += 16) {
          v128.store(x + channel, f32x4.add(v128.load(x + channel), v128.load(y + channel)));
        }
        for (; channel < bytes; channel += 4) {
          store<f32>(x + channel, load<f32>(x + channel) + load<f32>(y + channel));
        }
      }
    }
    x += bytes;
  }
}
