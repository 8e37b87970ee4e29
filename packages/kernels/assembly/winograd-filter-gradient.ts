// The gradient of a 3×3 filter of stride 1 by the same transforms: dg = Gᵀ [Σ (Bᵀ d B) ⊙ (A dy Aᵀ)] G, summed over all
// tiles of all images. The 36 sums are products [inChannels, tiles] · [tiles, outChannels].

import { outerTile, tileRows } from './generated/tiles';
import { splatOf } from './vectors';
import { transformInputs } from './winograd';
import {
  BETWEEN_BYTES,
  matrixStep,
  RUN_BYTES,
  transformFilterGradient,
  transformOutputGradient,
  WINOGRAD_VALUES,
} from './winograd-transforms';

@unmanaged
export class WinogradFilterGradientTask {
  x: usize;
  height: i32;
  width: i32;
  inChannels: i32;
  padTop: i32;
  padLeft: i32;
  dy: usize;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  tilesDown: i32;
  tilesAcross: i32;
  tiles: i32;
  tilesPerChunk: i32;
  tilesPerBlock: i32;
  /** [chunks][36][inChannels][⌈outChannels / 8⌉ · 8]; of the 36 each begins `sumStep` bytes after the one before. */
  partials: usize;
  sumStep: usize;
  chunks: i32;
  /** [3][3][inChannels][outChannels] */
  filterGradient: usize;
  rowsPerChunk: i32;
}

/** The 36 sums over the chunk's tiles. */
export function winogradFilterGradient(task: WinogradFilterGradientTask, chunk: i32, scratch: usize): void {
  let first = chunk * task.tilesPerChunk;
  const last = min(first + task.tilesPerChunk, task.tiles);
  const inBytes = (<usize>(task.inChannels + 3) & ~3) << 2;
  const outBytes = (<usize>(task.outChannels + 7) & ~7) << 2;
  const sumStep = task.sumStep;
  const sums = task.partials + <usize>chunk * WINOGRAD_VALUES * sumStep;
  memory.fill(sums, 0, WINOGRAD_VALUES * sumStep);

  const patch = scratch + BETWEEN_BYTES;
  const run = patch + 16 * outBytes;
  const four = splatOf(4, scratch);
  const inputs = run + RUN_BYTES;
  const inputStep = matrixStep(task.tilesPerBlock, inBytes);
  const gradients = inputs + WINOGRAD_VALUES * inputStep;
  const gradientStep = matrixStep(task.tilesPerBlock, outBytes);
  // Zeros for the columns up to eight, as a transform writes only the first four.
  if (task.outChannels & 7) memory.fill(gradients, 0, WINOGRAD_VALUES * gradientStep);

  for (; first < last; first += task.tilesPerBlock) {
    const tiles = min(task.tilesPerBlock, last - first);
    transformInputs(
      task.x,
      task.height,
      task.width,
      task.inChannels,
      task.padTop,
      task.padLeft,
      task.tilesDown,
      task.tilesAcross,
      first,
      tiles,
      inputs,
      inBytes,
      inputStep,
      run,
      four,
    );
    for (let tile = 0; tile < tiles; tile++) {
      transformGradientTile(
        task,
        first + tile,
        gradients + <usize>tile * outBytes,
        gradientStep,
        patch,
        scratch,
        four,
      );
    }
    for (let k: usize = 0; k < WINOGRAD_VALUES; k++) {
      for (let channel = 0; channel < task.outChannels; channel += 8) {
        const y = gradients + k * gradientStep + ((<usize>channel) << 2);
        let out = sums + k * sumStep + ((<usize>channel) << 2);
        for (let row = 0; row < task.inChannels; ) {
          const rows = tileRows(task.inChannels - row);
          const x = inputs + k * inputStep + ((<usize>row) << 2);
          outerTile(rows, x, inBytes, tiles, y, outBytes, out, outBytes);
          row += rows;
          out += <usize>rows * outBytes;
        }
      }
    }
  }
}

function transformGradientTile(
  task: WinogradFilterGradientTask,
  tile: i32,
  to: usize,
  step: usize,
  patch: usize,
  between: usize,
  four: v128,
): void {
  const channels = task.outChannels;
  const image = tile / (task.tilesDown * task.tilesAcross);
  const inImage = tile - image * task.tilesDown * task.tilesAcross;
  const tileRow = inImage / task.tilesAcross;
  const top = tileRow * 4;
  const left = (inImage - tileRow * task.tilesAcross) * 4;
  const pixel = (<usize>channels) << 2;
  const paddedPixel = (<usize>(channels + 7) & ~7) << 2;
  let from = task.dy + <usize>((image * task.outHeight + top) * task.outWidth + left) * pixel;
  let rowStride = <usize>task.outWidth * pixel;
  if (top + 4 > task.outHeight || left + 4 > task.outWidth || pixel != paddedPixel) {
    copyPatch(from, rowStride, pixel, min(4, task.outHeight - top), min(4, task.outWidth - left), patch, paddedPixel);
    from = patch;
    rowStride = 4 * paddedPixel;
  }
  for (let channel = 0; channel < channels; channel += 4) {
    transformOutputGradient(from, rowStride, paddedPixel, to, step, between, four);
    from += 16;
    to += 16;
  }
}

/** Copies what the image has of a 4×4 patch to pixels of `paddedPixel` bytes, and zeros for the rest. */
function copyPatch(
  from: usize,
  rowStride: usize,
  pixel: usize,
  rows: i32,
  columns: i32,
  patch: usize,
  paddedPixel: usize,
): void {
  memory.fill(patch, 0, 16 * paddedPixel);
  for (; rows > 0; rows--) {
    for (let column = 0; column < columns; column++) {
      memory.copy(patch + <usize>column * paddedPixel, from + <usize>column * pixel, pixel);
    }
    from += rowStride;
    patch += 4 * paddedPixel;
  }
}

/** Adds the chunks' sums in order and transforms them to the filter's gradient. A chunk is some input channels. */
export function winogradFilterGradientEnd(
  task: WinogradFilterGradientTask,
  chunk: i32,
  scratch: usize,
): void {
  const first = chunk * task.rowsPerChunk;
  const last = min(first + task.rowsPerChunk, task.inChannels);
  const outBytes = (<usize>(task.outChannels + 7) & ~7) << 2;
  const firstSums = task.partials + <usize>first * outBytes;
  const runBytes = <usize>(last - first) * outBytes;
  for (let k: usize = 0; k < WINOGRAD_VALUES; k++) {
    const sums = firstSums + k * task.sumStep;
    for (let sum = sums; sum < sums + runBytes; sum += 16) addParts(sum, task.chunks, WINOGRAD_VALUES * task.sumStep);
  }
  const tapStride = (<usize>(task.inChannels * task.outChannels)) << 2;
  for (let row = first; row < last; row++) {
    for (let channel = 0; channel < task.outChannels; channel += 4) {
      const sums = task.partials + <usize>row * outBytes + ((<usize>channel) << 2);
      const to = task.filterGradient + ((<usize>(row * task.outChannels + channel)) << 2);
      transformFilterGradient(sums, task.sumStep, to, tapStride, scratch, min(4, task.outChannels - channel));
    }
  }
}

/** Adds to four sums those of the other chunks, each `step` bytes after the one before. */
@inline
function addParts(sum: usize, parts: i32, step: usize): void {
  let total = v128.load(sum);
  let part = sum;
  for (; parts > 1; parts--) {
    part += step;
    total = f32x4.add(total, v128.load(part));
  }
  v128.store(sum, total);
}
