// Winograd's F(3×3, 3×3) in integers: nine outputs by 25 products where the direct way takes 81. The transforms are those for
// the points 0, 1, -1, 2 and infinity; the filter's is made six times too large in each direction, so that all stays whole, and
// inputs and filters stay within 16 bits (9,180 and 10,287 at most). The sums are exact: they may wrap around on the way, as
// only the result, 36 times a sum that is known to be small, has to fit. So they have the same bits as the direct sums.
import { multiplyInt8, tileRows } from '../generated/tiles';
import { splatBits } from '../vectors';
import { matrixStep } from '../winograd-transforms';
import { Requantization, storeSums } from './requantization';

/** Products of a tile for each input and output channel. */
export const INT8_WINOGRAD_VALUES: i32 = 25;
/** Rows and columns of outputs in a tile. */
export const INT8_WINOGRAD_OUTPUTS: i32 = 3;

@unmanaged
export class Int8WinogradTask extends Requantization {
  x: usize;
  height: i32;
  width: i32;
  /** A multiple of 8. */
  inChannels: i32;
  inputZero: i32;
  padding: i32;
  /** Of `int8WinogradPacking`. */
  filter: usize;
  y: usize;
  outHeight: i32;
  outWidth: i32;
  tilesDown: i32;
  tilesAcross: i32;
  tiles: i32;
  tilesPerBlock: i32;
  tilesPerChunk: i32;
  tileChunks: i32;
  channelsPerChunk: i32;
}

/**
 * In scratch: a pixel of zeros, 25 vectors of a transform on its way, a tile's outputs, the products of a block,
 * int32 [25][tilesPerBlock][8], and its inputs, int16 [25][tilesPerBlock][inChannels].
 */
export function int8Winograd(task: Int8WinogradTask, chunk: i32, scratch: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) return;
  const first = (chunk % task.tileChunks) * task.tilesPerChunk;
  const last = min(first + task.tilesPerChunk, task.tiles);
  const firstChannel = (chunk / task.tileChunks) * task.channelsPerChunk;
  const lastChannel = min(firstChannel + task.channelsPerChunk, task.channels);
  const depth = task.inChannels;
  const rowBytes = <usize>depth << 1;
  const steps = depth >> 2;
  const matrixBytes = matrixStep(task.tilesPerBlock, rowBytes);
  const productBytes = matrixStep(task.tilesPerBlock, 32);
  const panelBytes = <usize>(INT8_WINOGRAD_VALUES * depth) << 4;
  memory.fill(scratch, <u8>task.inputZero, <usize>depth);
  const temporary = scratch + <usize>depth;
  const ninth = splatBits(0x38e38e39, temporary);
  const outputs = temporary + 25 * 16;
  const products = outputs + 9 * 32;
  const inputs = products + <usize>INT8_WINOGRAD_VALUES * productBytes;

  for (let tile = first; tile < last; tile += task.tilesPerBlock) {
    const count = min(task.tilesPerBlock, last - tile);
    for (let at = 0; at < count; at++) transformInput(task, tile + at, scratch, temporary, inputs + <usize>at * rowBytes, matrixBytes);
    let filter = task.filter + <usize>(firstChannel >> 3) * panelBytes;
    for (let channel = firstChannel; channel < lastChannel; channel += 8) {
      for (let matrix = 0; matrix < INT8_WINOGRAD_VALUES; matrix++) {
        let row = inputs + <usize>matrix * matrixBytes;
        let sums = products + <usize>matrix * productBytes;
        for (let left = count; left > 0; ) {
          const size = tileRows(left);
          multiplyInt8(size, row, rowBytes, steps, filter, sums);
          row += <usize>size * rowBytes;
          sums += <usize>size << 5;
          left -= size;
        }
        filter += <usize>depth << 4;
      }
      const columns = min(8, task.channels - channel);
      for (let at = 0; at < count; at++) {
        const from = products + (<usize>at << 5);
        transformOutput(from, productBytes, temporary, outputs, ninth);
        transformOutput(from + 16, productBytes, temporary, outputs + 16, ninth);
        storeTile(task, tile + at, channel, columns, outputs);
      }
    }
  }
}

function transformInput(task: Int8WinogradTask, tile: i32, zeros: usize, temporary: usize, to: usize, matrixBytes: usize): void {
  const perImage = task.tilesDown * task.tilesAcross;
  const image = tile / perImage;
  const inImage = tile - image * perImage;
  const down = inImage / task.tilesAcross;
  const row = down * INT8_WINOGRAD_OUTPUTS - task.padding;
  const column = (inImage - down * task.tilesAcross) * INT8_WINOGRAD_OUTPUTS - task.padding;
  const channels = task.inChannels;
  const zero = i16x8.splat(<i16>task.inputZero);
  for (let channel = 0; channel < channels; channel += 8) {
    let at = temporary;
    for (let b = 0; b < 5; b++) {
      const isInside = <u32>(column + b) < <u32>task.width;
      let pixel = task.x + <usize>(((image * task.height + row) * task.width + column + b) * channels + channel);
      const pitch = <usize>(task.width * channels);
      const d0 = i16x8.sub(v128.load8x8_u(isInside && <u32>row < <u32>task.height ? pixel : zeros), zero);
      pixel += pitch;
      const d1 = i16x8.sub(v128.load8x8_u(isInside && <u32>(row + 1) < <u32>task.height ? pixel : zeros), zero);
      pixel += pitch;
      const d2 = i16x8.sub(v128.load8x8_u(isInside && <u32>(row + 2) < <u32>task.height ? pixel : zeros), zero);
      pixel += pitch;
      const d3 = i16x8.sub(v128.load8x8_u(isInside && <u32>(row + 3) < <u32>task.height ? pixel : zeros), zero);
      pixel += pitch;
      const d4 = i16x8.sub(v128.load8x8_u(isInside && <u32>(row + 4) < <u32>task.height ? pixel : zeros), zero);
      transformFive(d0, d1, d2, d3, d4, at, 5 * 16);
      at += 16;
    }
    let out = to + (<usize>channel << 1);
    at = temporary;
    for (let a = 0; a < 5; a++) {
      transformFive(
        v128.load(at),
        v128.load(at, 16),
        v128.load(at, 32),
        v128.load(at, 48),
        v128.load(at, 64),
        out,
        matrixBytes,
      );
      out += 5 * matrixBytes;
      at += 5 * 16;
    }
  }
}

/** (2d₀ - d₁ - 2d₂ + d₃, -2d₁ - d₂ + d₃, 2d₁ - 3d₂ + d₃, d₃ - d₁, 2d₁ - d₂ - 2d₃ + d₄) */
@inline
function transformFive(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, to: usize, step: usize): void {
  const twice1 = i16x8.add(d1, d1);
  const d32 = i16x8.sub(d3, d2);
  const d31 = i16x8.sub(d3, d1);
  const d02 = i16x8.sub(d0, d2);
  v128.store(to, i16x8.add(i16x8.add(d02, d02), d31));
  to += step;
  v128.store(to, i16x8.sub(d32, twice1));
  to += step;
  v128.store(to, i16x8.add(i16x8.sub(d32, i16x8.add(d2, d2)), twice1));
  to += step;
  v128.store(to, d31);
  to += step;
  v128.store(to, i16x8.sub(i16x8.sub(d4, d2), i16x8.add(d31, d31)));
}

/** The nine outputs, [9][8] of which four channels each, from 25 products that lie `step` bytes apart. */
function transformOutput(from: usize, step: usize, temporary: usize, to: usize, ninth: v128): void {
  for (let b = 0; b < 5; b++) {
    const at = from + <usize>b * step;
    const rows = <usize>5 * step;
    transformThree(v128.load(at), v128.load(at + rows), v128.load(at + 2 * rows), v128.load(at + 3 * rows), v128.load(at + 4 * rows), temporary + (<usize>b << 4), 5 * 16);
  }
  for (let a = 0; a < 3; a++) {
    const at = temporary + <usize>a * 80;
    transformThree(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), v128.load(at, 64), to, 32);
    for (let b = 0; b < 3; b++, to += 32) v128.store(to, ninthOfQuarter(v128.load(to), ninth));
  }
}

/** (m₀ + m₁ + m₂ + m₃, m₁ - m₂ + 2m₃, m₁ + m₂ + 4m₃ + m₄) */
@inline
function transformThree(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, to: usize, step: usize): void {
  const sum = i32x4.add(m1, m2);
  v128.store(to, i32x4.add(i32x4.add(m0, sum), m3));
  v128.store(to + step, i32x4.add(i32x4.sub(m1, m2), i32x4.add(m3, m3)));
  v128.store(to + 2 * step, i32x4.add(i32x4.add(sum, m4), i32x4.shl(m3, 2)));
}

/** A multiple of 36, modulo 2^32, by 36: by the inverse of 9, exact as nothing is left over, then by 4. */
@inline
function ninthOfQuarter(value: v128, ninth: v128): v128 {
  return i32x4.shr_s(i32x4.mul(value, ninth), 2);
}

/** Stores a tile's outputs, int32 [3][3][8], where they are inside of the image. */
function storeTile(task: Int8WinogradTask, tile: i32, channel: i32, columns: i32, outputs: usize): void {
  const perImage = task.tilesDown * task.tilesAcross;
  const image = tile / perImage;
  const inImage = tile - image * perImage;
  const down = inImage / task.tilesAcross;
  const row = down * INT8_WINOGRAD_OUTPUTS;
  const column = (inImage - down * task.tilesAcross) * INT8_WINOGRAD_OUTPUTS;
  const across = min(INT8_WINOGRAD_OUTPUTS, task.outWidth - column);
  const rows = min(INT8_WINOGRAD_OUTPUTS, task.outHeight - row);
  let pixel = task.y + <usize>((image * task.outHeight + row) * task.outWidth + column) * <usize>task.channels + <usize>channel;
  for (let a = 0; a < rows; a++) {
    storeSums(task, task.bias, channel, columns, across, outputs, pixel, <usize>task.channels);
    pixel += <usize>(task.outWidth * task.channels);
    outputs += 3 * 32;
  }
}
