import type { Context } from '../../runtime/context.js';
import { roundUp } from './geometry.js';

/** Chunks of a job whose partition is part of the result: enough for any number of threads. */
const FIXED_CHUNKS = 32;

/**
 * How pixels (or tiles) and channels are shared out: into chunks of whole blocks of pixels, as many as keep threads busy of
 * which one is slower, and where there are few, by channels too. With statistics the parts are the result's, and depend on
 * nothing but the shape.
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
