import { Random } from '@resnet/core';
import type { EpochOrder } from '../sets/dataset.js';

/** The streams of random numbers of the shards' order and of the images' order, apart from those of augmentation. */
const SHARDS = 3;
const IMAGES = 4;

/**
 * The indices of the shards that one machine reads in an epoch, in order. Of several machines, each reads every `world`-th of the
 * shuffled shards.
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
 * How many images each of `world` machines gets at least, whichever shards it gets. All take this many, so that they make equally
 * many steps.
 */
export function countFor(counts: readonly number[], world: number): number {
  const fewest = [...counts].sort((a, b) => a - b).slice(0, Math.floor(counts.length / world));
  return fewest.reduce((sum, count) => sum + count, 0);
}

/**
 * The order in which images leave a shuffle buffer, by their position among the `count` that enter. Once the buffer is full, each
 * image that enters replaces one that leaves, which is drawn at random. Without shuffling they leave as they enter.
 *
 * @param bufferSize the most images in the buffer, at least 1
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
