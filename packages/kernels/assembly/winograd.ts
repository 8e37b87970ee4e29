// 3×3 convolution of stride 1 by F(4×4, 3×3): a block of tiles is transformed, multiplied by the transformed filter as 36
// matrix products, and transformed back. Four times fewer multiplications than directly.
import { Epilogue, finish, finishRest, floorOf, RESIDUAL, STATISTICS, scaleOf, shiftOf } from './epilogue';
import { multiplyTile, tileRows } from './generated/tiles';
import { flushStatistics, statisticsBytes } from './statistics';
import { multiplyAdd, splatOf, Whole } from './vectors';
import {
  BETWEEN_BYTES,
  matrixStep,
  RUN_BYTES,
  RUN_TILES,
  transformInputRun,
  transformOutput,
  VALUE_ROW,
  WINOGRAD_VALUES,
} from './winograd-transforms';

@unmanaged
export class WinogradTask extends Epilogue {
  x: usize;
  height: i32;
  width: i32;
  inChannels: i32;
  padTop: i32;
  padLeft: i32;
  /** [36][⌈channels / 8⌉][inChannels][8] */
  filter: usize;
  y: usize;
  outHeight: i32;
  outWidth: i32;
  /** Tiles of 4×4 outputs down and across an image. */
  tilesDown: i32;
  tilesAcross: i32;
  /** float64 [tileChunks][2][channels], with STATISTICS. */
  totals: usize;
  tiles: i32;
  tilesPerChunk: i32;
  tilesPerBlock: i32;
  tileChunks: i32;
  channelsPerChunk: i32;
}

export function winograd(task: WinogradTask, chunk: i32, scratch: usize): void {
  const channels = task.channels;
  const tileChunk = chunk % task.tileChunks;
  const firstChannel = (chunk / task.tileChunks) * task.channelsPerChunk;
  const lastChannel = min(firstChannel + task.channelsPerChunk, channels);
  let first = tileChunk * task.tilesPerChunk;
  const last = min(first + task.tilesPerChunk, task.tiles);

  const withStatistics = task.flags & STATISTICS;
  const totals = task.totals + ((<usize>(tileChunk * channels)) << 4);
  if (withStatistics) {
    memory.fill(scratch, 0, statisticsBytes(channels));
    memory.fill(totals, 0, (<usize>channels) << 4);
  }
  const between = scratch + statisticsBytes(channels);
  const run = between + BETWEEN_BYTES;
  const four = splatOf(4, between);
  const inBytes = (<usize>(task.inChannels + 3) & ~3) << 2;
  const outBytes = (<usize>((lastChannel - firstChannel + 7) & ~7)) << 2;
  const inputs = run + RUN_BYTES;
  const inputStep = matrixStep(task.tilesPerBlock, inBytes);
  const products = inputs + WINOGRAD_VALUES * inputStep;
  const productStep = matrixStep(task.tilesPerBlock, outBytes);

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
    multiply(task, tiles, firstChannel, lastChannel, inputs, inputStep, products, productStep, outBytes);
    for (let tile = 0; tile < tiles; tile++) {
      const from = products + <usize>tile * outBytes;
      transformOutputTile(task, first + tile, firstChannel, lastChannel, from, productStep, between, scratch, four);
    }
    if (withStatistics) flushStatistics(scratch, channels, totals);
  }
}

/** Transforms the patches of `tiles` tiles, the first being number `first` of all images. */
export function transformInputs(
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  padTop: i32,
  padLeft: i32,
  tilesDown: i32,
  tilesAcross: i32,
  first: i32,
  tiles: i32,
  to: usize,
  tileBytes: usize,
  step: usize,
  run: usize,
  four: v128,
): void {
  const imageBytes = (<usize>(height * width * channels)) << 2;
  const end = first + tiles;
  while (first < end) {
    const row = first / tilesAcross;
    const column = first - row * tilesAcross;
    const image = row / tilesDown;
    const count = min(min(end - first, tilesAcross - column), RUN_TILES);
    transformInputRun(
      x + <usize>image * imageBytes,
      height,
      width,
      channels,
      (row - image * tilesDown) * 4 - padTop,
      column * 4 - padLeft,
      count,
      to,
      tileBytes,
      step,
      run,
      four,
    );
    to += <usize>count * tileBytes;
    first += count;
  }
}

/** The 36 products [tiles, inChannels] · [inChannels, channels]. */
function multiply(
  task: WinogradTask,
  tiles: i32,
  firstChannel: i32,
  lastChannel: i32,
  inputs: usize,
  inputStep: usize,
  products: usize,
  productStep: usize,
  outBytes: usize,
): void {
  const inBytes = (<usize>(task.inChannels + 3) & ~3) << 2;
  const panelBytes = (<usize>task.inChannels) << 5;
  const filterStep = <usize>((task.channels + 7) >> 3) * panelBytes;
  let filter = task.filter + <usize>(firstChannel >> 3) * panelBytes;
  for (let k = 0; k < <i32>WINOGRAD_VALUES; k++) {
    let panel = filter;
    let out = products;
    for (let channel = firstChannel; channel < lastChannel; channel += 8) {
      for (let tile = 0; tile < tiles; ) {
        const rows = tileRows(tiles - tile);
        multiplyTile(
          rows,
          inputs + <usize>tile * inBytes,
          inBytes,
          task.inChannels,
          panel,
          out + <usize>tile * outBytes,
          outBytes,
        );
        tile += rows;
      }
      panel += panelBytes;
      out += 32;
    }
    filter += filterStep;
    inputs += inputStep;
    products += productStep;
  }
}

function transformOutputTile(
  task: WinogradTask,
  tile: i32,
  firstChannel: i32,
  lastChannel: i32,
  from: usize,
  step: usize,
  between: usize,
  sums: usize,
  four: v128,
): void {
  const image = tile / (task.tilesDown * task.tilesAcross);
  const inImage = tile - image * task.tilesDown * task.tilesAcross;
  const tileRow = inImage / task.tilesAcross;
  const top = tileRow * 4;
  const left = (inImage - tileRow * task.tilesAcross) * 4;
  const rows = min(4, task.outHeight - top);
  const columns = min(4, task.outWidth - left);
  const pixel = (<usize>task.channels) << 2;
  let out = task.y + <usize>((image * task.outHeight + top) * task.outWidth + left) * pixel;
  out += (<usize>firstChannel) << 2;
  const rowStride = <usize>task.outWidth * pixel;
  for (let channel = firstChannel; channel < lastChannel; channel += 4) {
    const lanes = lastChannel - channel;
    transformOutput(from, step, between, four);
    finishTile(task, channel, out, rows, columns, rowStride, pixel, between, sums, lanes);
    from += 16;
    out += 16;
  }
}

/** Ends the values of a tile and stores those that lie in the image. */
@inline
function finishTile(
  task: WinogradTask,
  channel: i32,
  out: usize,
  rows: i32,
  columns: i32,
  rowStride: usize,
  pixel: usize,
  values: usize,
  sums: usize,
  lanes: i32,
): void {
  const flags = task.flags;
  const offset = (<usize>channel) << 2;
  if (lanes < 4) {
    for (; rows > 0; rows--) {
      finishRest(task, channel, columns, values, 16, out, pixel, sums, lanes);
      out += rowStride;
      values += VALUE_ROW;
    }
    return;
  }
  const scale = scaleOf<Whole>(task, offset, 4);
  const shift = shiftOf<Whole>(task, offset, 4);
  const floor = floorOf(task);
  const hasResidual = flags & RESIDUAL;
  const residualOffset = task.residualOffset;
  const sumOf = sums + offset;
  const squareOf = sumOf + ((<usize>task.channels) << 2);
  const withStatistics = flags & STATISTICS;
  let sum = f32x4.splat(0);
  let square = sum;
  for (; rows > 0; rows--) {
    let to = out;
    let from = values;
    for (let column = columns; column > 0; column--) {
      const value = v128.load(from);
      if (withStatistics) {
        sum = f32x4.add(sum, value);
        square = multiplyAdd(value, value, square);
      }
      finish<Whole>(value, scale, shift, floor, hasResidual, to, residualOffset, 4);
      to += pixel;
      from += 16;
    }
    out += rowStride;
    values += VALUE_ROW;
  }
  if (withStatistics) {
    v128.store(sumOf, f32x4.add(v128.load(sumOf), sum));
    v128.store(squareOf, f32x4.add(v128.load(squareOf), square));
  }
}
