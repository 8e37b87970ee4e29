// Convolution of bytes with exact sums. A block of output pixels is packed: each becomes a row with the values of all taps;
// tiles then multiply rows with panels of eight output channels.
import { INT8_BYTES, multiplyInt8, ROWS, tileRows } from '../generated/tiles';
import { Requantization, storeSums, valueBytes } from './requantization';

@unmanaged
export class Int8ConvolutionTask extends Requantization {
  x: usize;
  height: i32;
  width: i32;
  inChannels: i32;
  /** The byte of x that stands for 0. */
  inputZero: i32;
  /** What the bytes of x are combined with by 'exclusive or' for the product: 0x80 where it takes them as signed, else 0. */
  flip: i32;
  filterHeight: i32;
  filterWidth: i32;
  stride: i32;
  padding: i32;
  dilation: i32;
  /** Of `int8Packing`, as `columnSums`. */
  filter: usize;
  columnSums: usize;
  steps: i32;
  /** Bytes from one packed pixel to the next. */
  rowBytes: i32;
  y: usize;
  outHeight: i32;
  outWidth: i32;
  pixels: i32;
  pixelsPerBlock: i32;
  pixelsPerChunk: i32;
  pixelChunks: i32;
  channelsPerChunk: i32;
}

/** In scratch: the bias, a tile's sums, then the packed pixels of a block. */
export function int8Convolution(task: Int8ConvolutionTask, chunk: i32, scratch: usize): void {
  const first = (chunk % task.pixelChunks) * task.pixelsPerChunk;
  const last = min(first + task.pixelsPerChunk, task.pixels);
  const firstChannel = (chunk / task.pixelChunks) * task.channelsPerChunk;
  const lastChannel = min(firstChannel + task.channelsPerChunk, task.channels);
  const bias = biasOf(task, firstChannel, lastChannel, scratch);
  const sums = scratch + (<usize>task.channels << 2) + 32;
  const rows = sums + <usize>ROWS * 32;
  const rowBytes = <usize>task.rowBytes;
  const panelBytes = <usize>task.steps * 64;
  const pitch = <usize>task.channels * valueBytes(task);
  for (let pixel = first; pixel < last; pixel += task.pixelsPerBlock) {
    const count = min(task.pixelsPerBlock, last - pixel);
    packPixels(task, pixel, count, rows);
    const outputs = task.y + <usize>pixel * pitch;
    let filter = task.filter + <usize>(firstChannel >> 3) * panelBytes;
    for (let channel = firstChannel; channel < lastChannel; channel += 8) {
      const columns = min(8, task.channels - channel);
      let row = rows;
      let out = outputs + <usize>channel * valueBytes(task);
      for (let left = count; left > 0; ) {
        const size = tileRows(left);
        multiplyInt8(size, row, rowBytes, task.steps, filter, sums);
        storeSums(task, bias, channel, columns, size, sums, out, pitch);
        row += <usize>size * rowBytes;
        out += <usize>size * pitch;
        left -= size;
      }
      filter += panelBytes;
    }
  }
}

/** The bias, less what the byte for 0 adds to every sum where bytes are multiplied as they are. */
function biasOf(task: Int8ConvolutionTask, firstChannel: i32, lastChannel: i32, to: usize): usize {
  if (!ASC_FEATURE_RELAXED_SIMD) return task.bias;
  const zero = i32x4.splat(task.flip ? task.inputZero - 128 : task.inputZero);
  for (let channel = firstChannel; channel < lastChannel; channel += 4) {
    const at = <usize>channel << 2;
    v128.store(to + at, i32x4.sub(v128.load(task.bias + at), i32x4.mul(zero, v128.load(task.columnSums + at))));
  }
  return to;
}

/** Writes a row for each of `count` output pixels. What a row is too long by is multiplied by zeros. */
function packPixels(task: Int8ConvolutionTask, pixel: i32, count: i32, to: usize): void {
  const inImage = pixel % (task.outHeight * task.outWidth);
  let image = pixel / (task.outHeight * task.outWidth);
  let row = inImage / task.outWidth;
  let column = inImage - row * task.outWidth;
  for (; count > 0; count--) {
    packPixel(task, image, row * task.stride - task.padding, column * task.stride - task.padding, to);
    to += <usize>task.rowBytes;
    if (++column < task.outWidth) continue;
    column = 0;
    if (++row < task.outHeight) continue;
    row = 0;
    image++;
  }
}

/** The values of all taps of the window whose corner is at `row`, `column`. */
function packPixel(task: Int8ConvolutionTask, image: i32, row: i32, column: i32, to: usize): void {
  // Without dilation the taps of a row lie side by side.
  const isDense = task.dilation == 1;
  const runs = isDense ? 1 : task.filterWidth;
  const width = isDense ? task.filterWidth : 1;
  const channels = task.inChannels;
  for (let a = 0; a < task.filterHeight; a++, row += task.dilation) {
    const isInside = <u32>row < <u32>task.height;
    for (let b = 0; b < runs; b++) {
      const start = column + b * task.dilation;
      const from = max(0, min(width, -start));
      const end = isInside ? max(from, min(width, task.width - start)) : from;
      to = packZeros(task, from * channels, to);
      const pixel = (image * task.height + row) * task.width + start + from;
      to = packValues(task, task.x + <usize>(pixel * channels), (end - from) * channels, to);
      to = packZeros(task, (width - end) * channels, to);
    }
  }
}

function packZeros(task: Int8ConvolutionTask, count: i32, to: usize): usize {
  // Most pixels are inside, and V8 calls C to fill memory.
  if (count == 0) return to;
  const bytes = <usize>count * INT8_BYTES;
  memory.fill(to, ASC_FEATURE_RELAXED_SIMD ? <u8>(task.inputZero ^ task.flip) : 0, bytes);
  return to + bytes;
}

/** Bytes as the product takes them: as they are or with their sign bit flipped; or as 16 bits, less the byte for 0. */
function packValues(task: Int8ConvolutionTask, from: usize, count: i32, to: usize): usize {
  const end = to + <usize>count * INT8_BYTES;
  if (ASC_FEATURE_RELAXED_SIMD) {
    const flip = i8x16.splat(<i8>task.flip);
    if (count >= 16) {
      for (const last = end - 16; to < last; from += 16, to += 16) v128.store(to, v128.xor(v128.load(from), flip));
      // What is left, together with some that are written already.
      v128.store(end - 16, v128.xor(v128.load(from - (to + 16 - end)), flip));
      return end;
    }
    for (; to < end; from++, to++) store<u8>(to, load<u8>(from) ^ <u8>task.flip);
  } else {
    const zero = i16x8.splat(<i16>task.inputZero);
    if (count >= 8) {
      for (const last = end - 16; to < last; from += 8, to += 16) v128.store(to, i16x8.sub(v128.load8x8_u(from), zero));
      v128.store(end - 16, i16x8.sub(v128.load8x8_u(from - ((to + 16 - end) >> 1)), zero));
      return end;
    }
    for (; to < end; from++, to += 2) store<i16>(to, <i16>((<i32>load<u8>(from)) - task.inputZero));
  }
  return end;
}
