// Max pooling and its gradient, and the mean of each channel of each image.
import { load4, Rest, store4, Whole } from './vectors';

@unmanaged
export class MaxPoolTask {
  x: usize;
  y: usize;
  /** For the gradient: the gradient of y, and the result, the gradient of x. */
  dy: usize;
  dx: usize;
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
}

/**
 * One row of one image's output is a chunk. Padding counts as minus infinity, and so does NaN, as in tfjs. In scratch: the offsets
 * of a window's pixels from the start of x.
 */
export function maxPool(task: MaxPoolTask, chunk: i32, scratch: usize): void {
  const image = chunk / task.outHeight;
  const row = chunk - image * task.outHeight;
  const channels = task.channels;
  let y = task.y + ((<usize>(chunk * task.outWidth * channels)) << 2);
  for (let column = 0; column < task.outWidth; column++) {
    const end = fillWindow(task, image, row, column, scratch);
    let x = task.x;
    let left = channels;
    for (; left >= 4; left -= 4) {
      largestOf<Whole>(x, scratch, end, y, 4);
      x += 16;
      y += 16;
    }
    if (left > 0) largestOf<Rest>(x, scratch, end, y, left);
    y += (<usize>left) << 2;
  }
}

/** Writes the offsets of a window's pixels, and returns the end of the list. */
function fillWindow(task: MaxPoolTask, image: i32, row: i32, column: i32, list: usize): usize {
  const top = row * task.strideHeight - task.padTop;
  const left = column * task.strideWidth - task.padLeft;
  for (let a = 0; a < task.filterHeight; a++) {
    const inRow = top + a * task.dilationHeight;
    if (<u32>inRow >= <u32>task.height) continue;
    for (let b = 0; b < task.filterWidth; b++) {
      const inColumn = left + b * task.dilationWidth;
      if (<u32>inColumn >= <u32>task.width) continue;
      store<u32>(list, <u32>((image * task.height + inRow) * task.width + inColumn) * <u32>task.channels * 4);
      list += 4;
    }
  }
  return list;
}

@inline
function largestOf<L>(x: usize, list: usize, end: usize, y: usize, lanes: i32): void {
  let largest = f32x4.splat(-Infinity);
  for (; list < end; list += 4) largest = f32x4.pmax(largest, load4<L>(x + <usize>load<u32>(list), lanes));
  store4<L>(y, largest, lanes);
}

/** An image is a chunk. The gradient goes to the first pixel of the window that has its largest value. */
export function maxPoolGradient(task: MaxPoolTask, chunk: i32, scratch: usize): void {
  const channels = task.channels;
  const imageBytes = (<usize>(task.height * task.width * channels)) << 2;
  memory.fill(task.dx + <usize>chunk * imageBytes, 0, imageBytes);
  let offset = (<usize>(chunk * task.outHeight * task.outWidth * channels)) << 2;
  for (let row = 0; row < task.outHeight; row++) {
    for (let column = 0; column < task.outWidth; column++) {
      const end = fillWindow(task, chunk, row, column, scratch);
      let inChannel: usize = 0;
      let left = channels;
      for (; left >= 4; left -= 4) {
        addToLargest<Whole>(task, inChannel, scratch, end, offset, 4);
        inChannel += 16;
        offset += 16;
      }
      if (left > 0) addToLargest<Rest>(task, inChannel, scratch, end, offset, left);
      offset += (<usize>left) << 2;
    }
  }
}

@inline
function addToLargest<L>(task: MaxPoolTask, inChannel: usize, list: usize, end: usize, offset: usize, lanes: i32): void {
  const largest = load4<L>(task.y + offset, lanes);
  let open = load4<L>(task.dy + offset, lanes);
  const x = task.x + inChannel;
  const dx = task.dx + inChannel;
  for (; list < end; list += 4) {
    const at = <usize>load<u32>(list);
    const isLargest = f32x4.eq(load4<L>(x + at, lanes), largest);
    store4<L>(dx + at, f32x4.add(load4<L>(dx + at, lanes), v128.and(open, isLargest)), lanes);
    open = v128.andnot(open, isLargest);
  }
}

@unmanaged
export class AveragePoolTask {
  x: usize;
  y: usize;
  /** Pixels of an image. */
  pixels: i32;
  channels: i32;
}

/** x [images][pixels][channels] → y [images][channels]. An image is a chunk. */
export function globalAveragePool(task: AveragePoolTask, chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const bytes = (<usize>channels) << 2;
  const y = task.y + <usize>chunk * bytes;
  memory.fill(y, 0, bytes);
  // Pixel after pixel, with the sums in memory: a channel's values lie far apart.
  let x = task.x + <usize>(chunk * task.pixels) * bytes;
  for (let pixel = task.pixels; pixel > 0; pixel--) {
    let channel: usize = 0;
    for (; channel + 16 <= bytes; channel += 16) addTo<Whole>(y + channel, x + channel, 4);
    if (channel < bytes) addTo<Rest>(y + channel, x + channel, channels & 3);
    x += bytes;
  }
  const pixels = <f32>task.pixels;
  for (let to = y; to < y + bytes; to += 4) store<f32>(to, load<f32>(to) / pixels);
}

@inline
function addTo<L>(sum: usize, value: usize, lanes: i32): void {
  store4<L>(sum, f32x4.add(load4<L>(sum, lanes), load4<L>(value, lanes)), lanes);
}

/** dy (as x) [images][channels] → dx (as y) [images][pixels][channels]. An image is a chunk. */
export function globalAveragePoolGradient(task: AveragePoolTask, chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const x = task.x + ((<usize>(chunk * channels)) << 2);
  const y = task.y + ((<usize>(chunk * task.pixels * channels)) << 2);
  let channel = 0;
  for (; channel + 4 <= channels; channel += 4) share<Whole>(task, x, y, channel, 4);
  if (channel < channels) share<Rest>(task, x, y, channel, channels - channel);
}

@inline
function share<L>(task: AveragePoolTask, x: usize, y: usize, channel: i32, lanes: i32): void {
  const offset = (<usize>channel) << 2;
  const pitch = (<usize>task.channels) << 2;
  const value = f32x4.div(load4<L>(x + offset, lanes), f32x4.splat(<f32>task.pixels));
  let to = y + offset;
  for (let pixel = 0; pixel < task.pixels; pixel++) {
    store4<L>(to, value, lanes);
    to += pitch;
  }
}
