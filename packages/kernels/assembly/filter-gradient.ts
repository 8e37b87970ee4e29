// The gradient of a filter, directly: for each of its taps a sum of outer products, input channels × output channels,
// over all pixels. Rows are processed in blocks that stay in the cache while all taps read them.
import { copyBand } from './convolution-thin';
import { outerTile, tileRows } from './generated/tiles';
import { load4, Rest } from './vectors';

@unmanaged
export class FilterGradientTask {
  x: usize;
  height: i32;
  width: i32;
  inChannels: i32;
  /** The gradient of the output. */
  dy: usize;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
  images: i32;
  imagesPerChunk: i32;
  imageChunks: i32;
  channelsPerChunk: i32;
  /** [imageChunks][filterHeight · filterWidth · inChannels][⌈outChannels / 8⌉ · 8]; see sum-partials.ts */
  partials: usize;
  rowsPerBlock: i32;
  /** Where channels are few, a row of the filter is one run, as in convolution-thin.ts; 0 elsewhere. */
  paddedWidth: i32;
}

export function filterGradient(task: FilterGradientTask, chunk: i32, scratch: usize): void {
  const imageChunk = chunk % task.imageChunks;
  const firstChannel = (chunk / task.imageChunks) * task.channelsPerChunk;
  const lastChannel = min(firstChannel + task.channelsPerChunk, task.outChannels);
  const firstImage = imageChunk * task.imagesPerChunk;
  const lastImage = min(firstImage + task.imagesPerChunk, task.images);

  const rows = task.filterHeight * task.filterWidth * task.inChannels;
  const pitch = ((<usize>(task.outChannels + 7)) & ~7) << 2;
  const groupBytes = ((<usize>(lastChannel - firstChannel + 7)) & ~7) << 2;
  const sums = task.partials + <usize>(imageChunk * rows) * pitch + ((<usize>firstChannel) << 2);
  for (let row: usize = 0; row < <usize>rows; row++) memory.fill(sums + row * pitch, 0, groupBytes);

  for (let image = firstImage; image < lastImage; image++) {
    for (let first = 0; first < task.outHeight; first += task.rowsPerBlock) {
      const last = min(first + task.rowsPerBlock, task.outHeight);
      if (task.paddedWidth) addThinBlock(task, image, first, last, firstChannel, lastChannel, sums, pitch, scratch);
      else addBlock(task, image, first, last, firstChannel, lastChannel, sums, pitch, scratch);
    }
  }
}

/** The smallest and one past the largest position in [first, last) whose input position · stride + offset is in the image. */
@inline
function firstInside(first: i32, last: i32, stride: i32, offset: i32): i32 {
  while (first < last && first * stride + offset < 0) first++;
  return first;
}

@inline
function lastInside(first: i32, last: i32, stride: i32, offset: i32, size: i32): i32 {
  while (last > first && (last - 1) * stride + offset >= size) last--;
  return last;
}

function addBlock(
  task: FilterGradientTask,
  image: i32,
  first: i32,
  last: i32,
  firstChannel: i32,
  lastChannel: i32,
  sums: usize,
  pitch: usize,
  scratch: usize,
): void {
  const inChannels = task.inChannels;
  const pixel = (<usize>inChannels) << 2;
  const xStep = <usize>task.strideWidth * pixel;
  const xLine = <usize>(task.strideHeight * task.width) * pixel;
  for (let a = 0; a < task.filterHeight; a++) {
    const rowOffset = a * task.dilationHeight - task.padTop;
    const top = firstInside(first, last, task.strideHeight, rowOffset);
    const bottom = lastInside(top, last, task.strideHeight, rowOffset, task.height);
    if (top >= bottom) continue;
    for (let b = 0; b < task.filterWidth; b++) {
      const columnOffset = b * task.dilationWidth - task.padLeft;
      const left = firstInside(0, task.outWidth, task.strideWidth, columnOffset);
      const right = lastInside(left, task.outWidth, task.strideWidth, columnOffset, task.width);
      if (left >= right) continue;
      const inRow = image * task.height + top * task.strideHeight + rowOffset;
      const x = task.x + <usize>(inRow * task.width + left * task.strideWidth + columnOffset) * pixel;
      const out = sums + <usize>((a * task.filterWidth + b) * inChannels) * pitch;
      const pixel = (image * task.outHeight + top) * task.outWidth + left;
      addOuterProducts(
        task,
        x,
        xLine,
        xStep,
        inChannels,
        pixel,
        bottom - top,
        right - left,
        firstChannel,
        lastChannel,
        out,
        pitch,
        scratch,
      );
    }
  }
}

function addThinBlock(
  task: FilterGradientTask,
  image: i32,
  first: i32,
  last: i32,
  firstChannel: i32,
  lastChannel: i32,
  sums: usize,
  pitch: usize,
  scratch: usize,
): void {
  const pixel = (<usize>task.inChannels) << 2;
  const lineBytes = <usize>task.paddedWidth * pixel;
  const top = first * task.strideHeight;
  const lines = (last - 1 - first) * task.strideHeight + task.filterHeight;
  copyBand(
    task.x,
    image,
    task.height,
    task.width,
    task.inChannels,
    task.padTop,
    task.padLeft,
    task.paddedWidth,
    top,
    top + lines,
    scratch,
  );
  const run = task.filterWidth * task.inChannels;
  for (let a = 0; a < task.filterHeight; a++) {
    addOuterProducts(
      task,
      scratch + <usize>a * lineBytes,
      <usize>task.strideHeight * lineBytes,
      <usize>task.strideWidth * pixel,
      run,
      (image * task.outHeight + first) * task.outWidth,
      last - first,
      task.outWidth,
      firstChannel,
      lastChannel,
      sums + <usize>(a * run) * pitch,
      pitch,
      scratch + <usize>lines * lineBytes,
    );
  }
}

/** Adds x ⊗ dy over a rectangle of output pixels, the first of which is `pixel`, to the sums of one tap. */
function addOuterProducts(
  task: FilterGradientTask,
  x: usize,
  xLine: usize,
  xStep: usize,
  inChannels: i32,
  pixel: i32,
  lines: i32,
  length: i32,
  firstChannel: i32,
  lastChannel: i32,
  out: usize,
  pitch: usize,
  scratch: usize,
): void {
  const outPixel = (<usize>task.outChannels) << 2;
  for (let channel = firstChannel; channel < lastChannel; channel += 8) {
    let y = task.dy + <usize>pixel * outPixel + ((<usize>channel) << 2);
    let yStep = outPixel;
    let yLine = <usize>task.outWidth * outPixel;
    if (channel + 8 > task.outChannels) {
      copyColumns(y, yLine, yStep, lines, length, task.outChannels - channel, scratch);
      y = scratch;
      yStep = 32;
      yLine = (<usize>length) << 5;
    }
    let to = out + ((<usize>(channel - firstChannel)) << 2);
    for (let k = 0; k < inChannels; ) {
      const rows = tileRows(inChannels - k);
      let values = x + ((<usize>k) << 2);
      let gradients = y;
      for (let line = 0; line < lines; line++) {
        outerTile(rows, values, xStep, length, gradients, yStep, to, pitch);
        values += xLine;
        gradients += yLine;
      }
      k += rows;
      to += <usize>rows * pitch;
    }
  }
}

/** Copies fewer than eight channels of a rectangle of pixels to eight, the rest zeros. */
function copyColumns(y: usize, yLine: usize, yStep: usize, lines: i32, length: i32, columns: i32, to: usize): void {
  for (let line = 0; line < lines; line++) {
    let from = y;
    for (let k = 0; k < length; k++) {
      v128.store(to, load4<Rest>(from, min(columns, 4)));
      v128.store(to, columns > 4 ? load4<Rest>(from + 16, columns - 4) : f32x4.splat(0), 16);
      from += yStep;
      to += 32;
    }
    y += yLine;
  }
}
