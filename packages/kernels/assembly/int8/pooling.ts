// Pooling of bytes.
import { Requantization, storeSums, valueBytes } from './requantization';

@unmanaged
export class Int8MaxPoolTask {
  x: usize;
  height: i32;
  width: i32;
  channels: i32;
  size: i32;
  stride: i32;
  padding: i32;
  y: usize;
  outHeight: i32;
  outWidth: i32;
}

/** A chunk is a row of outputs. */
export function int8MaxPool(task: Int8MaxPoolTask, chunk: i32, _scratch: usize): void {
  const channels = task.channels;
  const image = chunk / task.outHeight;
  const top = (chunk - image * task.outHeight) * task.stride - task.padding;
  const firstRow = max(0, top);
  const lastRow = min(task.height, top + task.size);
  let out = task.y + <usize>(chunk * task.outWidth * channels);
  for (let column = 0; column < task.outWidth; column++) {
    const left = column * task.stride - task.padding;
    const firstColumn = max(0, left);
    const lastColumn = min(task.width, left + task.size);
    const corner = task.x + <usize>(((image * task.height + firstRow) * task.width + firstColumn) * channels);
    let channel = 0;
    for (; channel <= channels - 16; channel += 16) {
      let largest = i8x16.splat(0);
      for (let row = firstRow; row < lastRow; row++) {
        let at = corner + <usize>((row - firstRow) * task.width * channels + channel);
        for (let b = firstColumn; b < lastColumn; b++, at += channels) largest = i8x16.max_u(largest, v128.load(at));
      }
      v128.store(out + <usize>channel, largest);
    }
    for (; channel < channels; channel++) {
      let largest: u8 = 0;
      for (let row = firstRow; row < lastRow; row++) {
        let at = corner + <usize>((row - firstRow) * task.width * channels + channel);
        for (let b = firstColumn; b < lastColumn; b++, at += channels) largest = max(largest, load<u8>(at));
      }
      store<u8>(out + <usize>channel, largest);
    }
    out += channels;
  }
}

@unmanaged
export class Int8AveragePoolTask extends Requantization {
  x: usize;
  height: i32;
  width: i32;
  windowHeight: i32;
  windowWidth: i32;
  y: usize;
  outHeight: i32;
  outWidth: i32;
}

/** A chunk is a row of outputs, each of a window that moves by one pixel; the sums are ended like those of convolutions. */
export function int8AveragePool(task: Int8AveragePoolTask, chunk: i32, scratch: usize): void {
  const channels = task.channels;
  const image = chunk / task.outHeight;
  const row = chunk - image * task.outHeight;
  const pitch = <usize>channels * valueBytes(task);
  for (let column = 0; column < task.outWidth; column++) {
    const corner = task.x + <usize>(((image * task.height + row) * task.width + column) * channels);
    const out = task.y + <usize>(chunk * task.outWidth + column) * pitch;
    for (let channel = 0; channel < channels; channel += 8) {
      const columns = min(8, channels - channel);
      sumWindow(task, corner + <usize>channel, columns, scratch);
      storeSums(task, task.bias, channel, columns, 1, scratch, out + <usize>channel * valueBytes(task), pitch);
    }
  }
}

/** The sums of up to eight channels of a window, int32 [8]. */
function sumWindow(task: Int8AveragePoolTask, corner: usize, columns: i32, to: usize): void {
  const channels = <usize>task.channels;
  if (columns < 8) {
    for (let channel = 0; channel < columns; channel++) {
      let sum = 0;
      for (let a = 0; a < task.windowHeight; a++) {
        let at = corner + <usize>(a * task.width) * channels + <usize>channel;
        for (let b = 0; b < task.windowWidth; b++, at += channels) sum += load<u8>(at);
      }
      store<i32>(to + (<usize>channel << 2), sum);
    }
    return;
  }
  let low = i32x4.splat(0);
  let high = low;
  for (let a = 0; a < task.windowHeight; a++) {
    let at = corner + <usize>(a * task.width) * channels;
    for (let b = 0; b < task.windowWidth; b++, at += channels) {
      const words = v128.load8x8_u(at);
      low = i32x4.add(low, i32x4.extend_low_i16x8_u(words));
      high = i32x4.add(high, i32x4.extend_high_i16x8_u(words));
    }
  }
  v128.store(to, low);
  v128.store(to, high, 16);
}
