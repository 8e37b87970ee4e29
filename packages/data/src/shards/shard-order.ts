import { Random } from '@resnet/core';
import type { EpochOrder } from '../sets/dataset.js';

/** Keep the numbers that decide the shards' order and the images' apart from those of augmentation. */
const SHARDS = 3;
const IMAGES = 4;

/**
 * The indices of the shards that one machine reads in an epoch, in its order. Of several machines, each has every
 * `world`-th of the shuffled shards.
 */
export function shardsOf(
  count: number,
  { seed, epoch, isShuffled, shard: [rank, world] }: EpochOrder,
): number[] {
  const all = isShuffled
    ? [...new Random(seed, epoch, SHARDS).permutation(count)]
    : Array.from({ length: count }, (_, position) => position);
  return all.filter((_, position) => position % world === rank);
}

/**
 * How many images each of several machines has at least, whichever shards it gets: all take so many, that they may
 * step together.
 */
export function countFor(counts: readonly number[], world: number): number {
  const fewest = [...counts].sort((a, b) => a - b).slice(0, Math.floor(counts.length / world));
  return fewest.reduce((sum, count) => sum + count, 0);
}

/**
 * In which order `count` images leave that come one after the other: a buffer of some size is filled, and each
 * further one takes the place of one that leaves, drawn at random. Without shuffling, as they come.
 *
 * @param bufferSize how many wait at most, at least 1
 */
export function* leavingOrder(
  count: number,
  bufferSize: number,
  { seed, epoch, isShuffled, shard: [rank] }: EpochOrder,
): Generator<number, void> {
  const random = new Random(seed, epoch, IMAGES, rank);
  const waiting: number[] = [];
  for (let position = 0; position < count; position++) {
    if (!isShuffled) yield position;
    else if (waiting.length < bufferSize) waiting.push(position);
    else {
      const slot = random.int(bufferSize);
      yield waiting[slot]!;
      waiting[slot] = position;
    }
  }
  while (waiting.length > 0) {
    const slot = random.int(waiting.length);
    yield waiting[slot]!;
    waiting[slot] = waiting.at(-1)!;
    waiting.pop();
  }
}
