import { checkInteger, ResnetError } from '@resnet/core';
import type { Dataset, Sample, StreamedDataset } from './dataset.js';
import type { ImageSet } from './image-set.js';
import { subset } from './subset.js';

/**
 * The images from `first` to `end` (excluded) of a set, as a set; in memory, pixels and labels are views of it. Part of a set that is
 * only streamed can't be shuffled or shared among machines: streaming it so throws OPTION_INVALID.
 *
 * @throws OPTION_INVALID unless 0 <= `first` <= `end` <= `set.count`
 */
export function sliceImages<Set extends ImageSet | Dataset>(set: Set, first: number, end: number): Set {
  checkInteger('end', end, 0, set.count);
  checkInteger('first', first, 0, end);
  const count = end - first;
  if ('images' in set) {
    const size = set.height * set.width * set.channels;
    const images = set.images.subarray(first * size, end * size);
    return { ...set, count, labels: set.labels.subarray(first, end), images };
  }
  if (set.stream && !set.labels) return streamedSlice(set as StreamedDataset, first, count) as Set;
  return subset(set, count, (index) => first + index) as Set;
}

function streamedSlice(set: StreamedDataset, first: number, count: number): StreamedDataset {
  return {
    ...set,
    count,
    countFor: () => count,
    stream(order, from, signal) {
      if (order.isShuffled || order.shard[1] > 1) throw onlyInOrder(set.name);
      return someOf(set.stream(order, first + from, signal), first, count - from);
    },
  };
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
