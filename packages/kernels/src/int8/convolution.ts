import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, KernelInputs } from '../contracts/contract.js';
import {
  INT8_FLOAT,
  INT8_RESIDUAL,
  INT8_WINOGRAD_OUTPUTS,
  INT8_WINOGRAD_VALUES,
} from '../generated/constants.js';
import type { INT8_TASKS } from '../generated/tasks.js';
import { matrixStep, roundUp } from '../kernels/convolution/geometry.js';
import { check } from '../runtime/refused.js';
import { isShape, isVector } from '../runtime/sizes.js';
import { checkBytes, checkIntegers, checkMap, checkScale, checkZero, outputsAlong } from './checks.js';
import { type Int8Context, int8Kernel, ROUNDING } from './context.js';

/** Bytes of packed pixels that a block may have: they are read once for every eight output channels. */
const BLOCK_BYTES = 200_000;
/** The same for Winograd's transformed inputs and products. */
const WINOGRAD_BLOCK_BYTES = 400_000;
/** Chunks for each thread, so that one which is held up leaves its work to others. */
const CHUNKS_PER_THREAD = 8;
/** Output channels that a chunk has at least: all chunks pack their pixels for themselves. */
const CHANNELS_PER_CHUNK = 64;
/** Input channels of which a Winograd sum fits in 32 bits, whatever the values are. */
const WINOGRAD_CHANNELS = 1840;

interface Sizes {
  images: number;
  height: number;
  width: number;
  inChannels: number;
  filterHeight: number;
  filterWidth: number;
  outHeight: number;
  outWidth: number;
  channels: number;
}

/** The fields that both algorithms' tasks share. */
type SharedField = keyof (typeof INT8_TASKS)['int8Convolution'] & keyof (typeof INT8_TASKS)['int8Winograd'];
type SharedFields = Record<Exclude<SharedField, 'filter' | 'channelsPerChunk'>, number>;

export const int8Convolution = int8Kernel('Int8Convolution', (context, inputs, attributes) => {
  const { x, filter, residual } = inputs;
  const { inputZero, padding, zero, relu, isFloat, residualZero, residualScale } = attributes;
  const sizes = checkedSizes(inputs, attributes);
  const { images, height, width, inChannels, outHeight, outWidth, channels } = sizes;
  const { runtime } = context;
  const output = runtime.output([images, outHeight, outWidth, channels], isFloat ? 'float32' : 'bool');
  if (images * outHeight * outWidth * channels === 0) return output;
  const y = runtime.address(output);
  const fields: SharedFields = {
    flags: (residual ? INT8_RESIDUAL : 0) + (isFloat ? INT8_FLOAT : 0),
    channels,
    scale: padded(context, inputs.scale),
    bias: padded(context, inputs.bias),
    residualOffset: residual ? runtime.address(residual) - y : 0,
    residualZero,
    residualScale,
    zero,
    low: relu ? 0 : -zero,
    high: 255 - zero,
    rounding: ROUNDING,
    x: runtime.address(x),
    height,
    width,
    inChannels,
    inputZero,
    padding,
    y,
    outHeight,
    outWidth,
  };
  if (suitsWinograd(context, sizes, attributes)) winograd(context, sizes, filter, fields);
  else direct(context, sizes, filter, attributes, fields);
  return output;
});

function direct(
  context: Int8Context,
  sizes: Sizes,
  filter: TensorInfo,
  { stride, dilation }: Attributes<'Int8Convolution'>,
  fields: SharedFields,
): void {
  const { runtime, filters, products } = context;
  const { images, outHeight, outWidth, channels, filterHeight, filterWidth, inChannels } = sizes;
  const depth = filterHeight * filterWidth * inChannels;
  const steps = Math.ceil((depth * (products.kind === 'bytes' ? 1 : 2)) / 8);
  const panels = Math.ceil(channels / 8);
  const packedBytes = panels * steps * 64;
  const packed = filters.get(filter, 'int8', packedBytes + 32 * panels, (address) => {
    const sums = address + packedBytes;
    const task = { filter: runtime.address(filter), depth, columns: channels, steps, sums, packed: address };
    runtime.run('int8Packing', task, panels);
  });
  // An odd number of 16 bytes, so that the pixels of a tile don't meet in one set of the cache.
  const rowBytes = roundUp(8 * steps, 16) | 16;
  const pixels = images * outHeight * outWidth;
  const plan = planChunks(context, pixels, BLOCK_BYTES / rowBytes, channels);
  runtime.threadScratch(
    4 * roundUp(channels, 8) + 32 + 32 * runtime.tileRows + plan.itemsPerBlock * rowBytes + 64,
  );
  runtime.run(
    'int8Convolution',
    {
      ...fields,
      flip: products.kind === 'bytes' ? products.flip : 0,
      filterHeight,
      filterWidth,
      stride,
      dilation,
      filter: packed,
      columnSums: packed + packedBytes,
      steps,
      rowBytes,
      pixels,
      pixelsPerBlock: plan.itemsPerBlock,
      pixelsPerChunk: plan.itemsPerChunk,
      pixelChunks: plan.parts,
      channelsPerChunk: plan.channelsPerChunk,
    },
    plan.chunks,
  );
}

function winograd(context: Int8Context, sizes: Sizes, filter: TensorInfo, fields: SharedFields): void {
  const { runtime, filters } = context;
  const { images, outHeight, outWidth, channels, inChannels } = sizes;
  const panels = Math.ceil(channels / 8);
  const packedBytes = 16 * panels * INT8_WINOGRAD_VALUES * inChannels;
  const packed = filters.get(filter, 'int8 winograd', packedBytes, (address) => {
    const task = { filter: runtime.address(filter), depth: inChannels, columns: channels, packed: address };
    runtime.run('int8WinogradPacking', task, panels);
  });
  const tilesDown = Math.ceil(outHeight / INT8_WINOGRAD_OUTPUTS);
  const tilesAcross = Math.ceil(outWidth / INT8_WINOGRAD_OUTPUTS);
  const tiles = images * tilesDown * tilesAcross;
  const tileBytes = INT8_WINOGRAD_VALUES * (2 * inChannels + 32);
  const plan = planChunks(context, tiles, WINOGRAD_BLOCK_BYTES / tileBytes, channels);
  // Of a block's matrices: 16 bits a value of the inputs, 32 of the products.
  const matrixBytes = matrixStep(plan.itemsPerBlock, inChannels / 2) + matrixStep(plan.itemsPerBlock, 8);
  runtime.threadScratch(roundUp(inChannels, 16) + 25 * 16 + 9 * 32 + INT8_WINOGRAD_VALUES * matrixBytes + 64);
  runtime.run(
    'int8Winograd',
    {
      ...fields,
      filter: packed,
      tilesDown,
      tilesAcross,
      tiles,
      tilesPerBlock: plan.itemsPerBlock,
      tilesPerChunk: plan.itemsPerChunk,
      tileChunks: plan.parts,
      channelsPerChunk: plan.channelsPerChunk,
    },
    plan.chunks,
  );
}

/** Winograd's sums are exact, so this is a matter of speed alone; dot products of bytes are faster than it. */
function suitsWinograd(
  { products, winograd }: Int8Context,
  { filterHeight, filterWidth, inChannels, channels }: Sizes,
  { stride, dilation, isFloat }: Attributes<'Int8Convolution'>,
): boolean {
  return (
    products.kind === 'words' &&
    winograd &&
    filterHeight === 3 &&
    filterWidth === 3 &&
    stride === 1 &&
    dilation === 1 &&
    !isFloat &&
    inChannels % 8 === 0 &&
    inChannels <= WINOGRAD_CHANNELS &&
    channels >= 8
  );
}

/** How pixels or tiles, and channels, are shared out: in blocks of the same size, which fit in the cache. */
function planChunks(
  { runtime }: Int8Context,
  items: number,
  mostPerBlock: number,
  channels: number,
): { itemsPerBlock: number; itemsPerChunk: number; parts: number; channelsPerChunk: number; chunks: number } {
  const rows = runtime.tileRows;
  const wanted = runtime.threads === 1 ? 1 : CHUNKS_PER_THREAD * runtime.threads;
  const most = Math.max(2 * rows, Math.min(Math.floor(mostPerBlock), Math.ceil(items / wanted)));
  const itemsPerBlock = roundUp(Math.ceil(items / Math.ceil(items / most)), rows);
  const itemsPerChunk = runtime.threads === 1 ? items : itemsPerBlock;
  const parts = Math.ceil(items / itemsPerChunk);
  const groups = Math.max(1, Math.min(Math.ceil(wanted / parts), Math.floor(channels / CHANNELS_PER_CHUNK)));
  const channelsPerChunk = roundUp(Math.ceil(channels / groups), 8);
  const chunks = parts * Math.ceil(channels / channelsPerChunk);
  return { itemsPerBlock, itemsPerChunk, parts, channelsPerChunk, chunks };
}

/** Where the values of a vector lie, with zeros behind them up to a multiple of eight. */
function padded({ runtime, filters }: Int8Context, vector: TensorInfo): number {
  const length = vector.shape[0]!;
  if (length % 8 === 0) return runtime.address(vector);
  return filters.get(vector, 'padded', 4 * roundUp(length, 8), (address) => {
    const from = runtime.address(vector) >>> 2;
    const words = runtime.words();
    words.fill(0, address >>> 2, (address >>> 2) + roundUp(length, 8));
    words.copyWithin(address >>> 2, from, from + length);
  });
}

function checkedSizes(
  { x, filter, scale, bias, residual }: KernelInputs<'Int8Convolution'>,
  attributes: Attributes<'Int8Convolution'>,
): Sizes {
  const { stride, padding, dilation, inputZero, zero, residualZero, residualScale, isFloat, relu } =
    attributes;
  checkBytes(x, filter, residual);
  const [images, height, width, inChannels] = checkMap(x);
  check(filter.shape.length === 4, 'filters have four axes.');
  const [filterHeight, filterWidth, depth, channels] = filter.shape as [number, number, number, number];
  check(depth === inChannels, "the image's channels are not those of the filter.");
  checkIntegers(1, stride, dilation, filterHeight, filterWidth, inChannels);
  checkIntegers(0, padding);
  checkZero(inputZero, zero);
  check(
    scale.dtype === 'float32' && isVector(scale, channels),
    'there is a float32 scale for each output channel.',
  );
  check(
    bias.dtype === 'int32' && isVector(bias, channels),
    'there is an int32 bias for each output channel.',
  );
  check(filterHeight * filterWidth * inChannels <= 65536, 'a filter reads at most 65,536 values.');
  const outHeight = outputsAlong(height, filterHeight, stride, padding, dilation);
  const outWidth = outputsAlong(width, filterWidth, stride, padding, dilation);
  if (residual) {
    check(
      isShape(residual, [images, outHeight, outWidth, channels]),
      "the residual is of the result's shape.",
    );
    checkZero(residualZero);
    checkScale(residualScale);
  }
  check(!isFloat || (!residual && !relu), 'float32 results have neither residual nor ReLU.');
  return { images, height, width, inChannels, filterHeight, filterWidth, outHeight, outWidth, channels };
}
