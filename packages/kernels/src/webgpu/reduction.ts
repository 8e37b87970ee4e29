import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from './kernel.js';
import { isWhole } from './matrix.js';
import { WORKGROUP } from './shader.js';

/** How the pixels of each channel are summed: in chunks, one workgroup each, and then the chunks. */
export interface Reduction {
  channels: number;
  /** By how many of them, four where their number allows it, a pixel is read. */
  together: 1 | 4;
  pixels: number;
  pixelsPerChunk: number;
  chunks: number;
  /**
   * The shapes of the workgroups that sum a chunk, and of those that add the chunks: channels, or vectors of four, and rows that share the
   * pixels.
   */
  ofPixels: [columns: number, rows: number];
  ofChunks: [columns: number, rows: number];
}

/** Neighboring invocations read neighboring channels: GPUs fetch 32 at once. */
const MOST_COLUMNS = 32;
/** Enough chunks to run many workgroups at once, with few channels or many. */
const MOST_CHUNKS = 512;
const LEAST_VALUES_EACH = 16;

/** @param x [..., channels] */
export function reductionOf(x: TensorInfo): Reduction {
  const channels = x.shape.at(-1)!;
  const pixels = sizeOf(x) / channels;
  const together = isWhole(channels) ? 4 : 1;
  const columns = Math.min(MOST_COLUMNS, 2 ** Math.ceil(Math.log2(channels / together)));
  const rows = WORKGROUP / columns;
  const pixelsPerChunk = Math.max((LEAST_VALUES_EACH / together) * rows, Math.ceil(pixels / MOST_CHUNKS));
  const columnsOfChunks = Math.min(8, 2 ** Math.ceil(Math.log2(channels)));
  return {
    channels,
    together,
    pixels,
    pixelsPerChunk,
    chunks: Math.ceil(pixels / pixelsPerChunk),
    ofPixels: [columns, rows],
    ofChunks: [columnsOfChunks, WORKGROUP / columnsOfChunks],
  };
}
