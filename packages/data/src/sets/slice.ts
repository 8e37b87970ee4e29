import { ResnetError } from '@resnet/core';
import { type Dataset, type EpochOrder, noSuchIndex, type Sample } from './dataset.js';
import type { ImageSet } from './image-set.js';

/**
 * The images from `first` to `end` (excluded) of a set, as a set; in memory, pixels and labels are views of it. Part of a set that is
 * only streamed can't be shuffled or shared among machines: then streaming it throws OPTION_INVALID.
 */
export function sliceImages<Set extends ImageSet | Dataset>(set: Set, first: number, end: number): Set {
  const count = end - first;
  if ('images' in set) {
    const size = set.height * set.width * set.channels;
    const images = set.images.subarray(first * size, end * size);
    return { ...set, count, labels: set.labels.subarray(first, end), images };
  }
  const { labels, read, encoded, stream } = set;
  return {
    ...set,
    count,
    ...(labels ? { labels: labels.subarray(first, end) } : {}),
    read: (index, admit) => {
      if (!(index >= 0 && index < count)) throw noSuchIndex(set.name, count, index);
      return read.call(set, first + index, admit);
    },
    ...(encoded ? { encoded: (index: number) => encoded.call(set, first + index) } : {}),
    ...(stream
      ? {
          countFor: () => count,
          stream: (order: EpochOrder, from: number, signal?: AbortSignal) => {
            if (order.isShuffled || order.shard[1] > 1) throw onlyInOrder(set.name);
            return someOf(stream.call(set, order, first + from, signal), first, count - from);
          },
        }
      : {}),
  } satisfies Dataset as Set;
}

async function* someOf(
  samples: AsyncGenerator<Sample, void>,
  first: number,
  count: number,
): AsyncGenerator<Sample, void> {
  try {
    for (let number = 0; number < count; number++) {
      const { value } = await samples.next();
      if (!value) return;
      yield { ...value, index: value.index - first };
    }
  } finally {
    await samples.return();
  }
}

function onlyInOrder(name: string): ResnetError {
  return new ResnetError(
    'OPTION_INVALID',
    `A part of '${name}' can't be shuffled or shared, as the set is streamed from one end to the other. Take the whole set, or ` +
      'the images that it was made of.',
  );
}
