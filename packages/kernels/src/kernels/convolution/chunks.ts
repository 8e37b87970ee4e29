import type { Context } from '../../runtime/context.js';
import { roundUp } from './geometry.js';

/** Chunks of a job whose partition is part of the result: enough for any number of threads. */
const FIXED_CHUNKS = 32;

/**
 * The partition of pixels (or tiles) and channels into chunks of whole blocks of pixels. There are enough chunks to keep threads
 * busy if one of them is slower; where there are few pixels, channels are divided too. With statistics the partition is part of the
 * result, and depends on the shape alone.
 */
export function planChunks(
  { runtime }: Context,
  items: number,
  block: number,
  channels: number,
  chunksPerThread: number,
  statistics: boolean | undefined,
): { itemsPerChunk: number; parts: number; channelsPerChunk: number; chunks: number } {
  const isShared = statistics || runtime.threads > 1;
  const blocks = Math.ceil(items / block);
  const itemsPerChunk = block * Math.ceil(blocks / Math.min(isShared ? FIXED_CHUNKS : 1, blocks));
  const parts = Math.ceil(items / itemsPerChunk);
  const wanted = statistics || runtime.threads === 1 ? 1 : chunksPerThread * runtime.threads;
  const groups = Math.min(Math.ceil(wanted / parts), Math.ceil(channels / 8));
  const channelsPerChunk = roundUp(Math.ceil(channels / groups), 8);
  return { itemsPerChunk, parts, channelsPerChunk, chunks: parts * Math.ceil(channels / channelsPerChunk) };
}

export function statisticsBytes(channels: number): number {
  return 8 * roundUp(channels, 8);
}
