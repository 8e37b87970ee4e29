import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from './kernel.js';
import { WORKGROUP } from './shader.js';

/** How the pixels of each channel are summed: in chunks, one workgroup each, and then the chunks. */
export interface Reduction {
  channels: number;
  pixels: number;
  pixelsPerChunk: number;
  chunks: number;
  /** The shapes of the workgroups that sum a chunk, and of those that add the chunks: channels, and rows that share the pixels. */
  ofPixels: [columns: number, rows: number];
  ofChunks: [columns: number, rows: number];
}

/** Neighboring invocations read neighboring channels: GPUs fetch 32 at once. */
const MOST_COLUMNS = 32;
/** Enough chunks to run many workgroups at once, with few channels or many. */
const MOST_CHUNKS = 512;
const LEAST_PIXELS_PER_ROW = 16;

/** @param x [..., channels] */
export function reductionOf(x: TensorInfo): Reduction {
  const channels = x.shape.at(-1)!;
  const pixels = sizeOf(x) / channels;
  const columns = Math.min(MOST_COLUMNS, 2 ** Math.ceil(Math.log2(channels)));
  const rows = WORKGROUP / columns;
  const pixelsPerChunk = Math.max(LEAST_PIXELS_PER_ROW * rows, Math.ceil(pixels / MOST_CHUNKS));
  const columnsOfChunks = Math.min(8, columns);
  return {
    channels,
    pixels,
    pixelsPerChunk,
    chunks: Math.ceil(pixels / pixelsPerChunk),
    ofPixels: [columns, rows],
    ofChunks: [columnsOfChunks, WORKGROUP / columnsOfChunks],
  };
}
