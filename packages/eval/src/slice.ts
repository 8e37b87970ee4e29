import { ResnetError } from '@resnet/core';
import type { Dataset, ImageSet } from '@resnet/data';

/** Places [first, end) of a set, as a set; pixels and labels are views of it. */
export function sliceOf<Set extends ImageSet | Dataset>(set: Set, first: number, end: number): Set {
  const count = end - first;
  const labels = set.labels.subarray(first, end);
  if ('read' in set) {
    const { read, encoded } = set;
    return {
      ...set,
      count,
      labels,
      read: (index: number) => read.call(set, first + index),
      ...(encoded ? { encoded: (index: number) => encoded.call(set, first + index) } : {}),
    };
  }
  const size = set.height * set.width * set.channels;
  return { ...set, count, labels, images: set.images.subarray(first * size, end * size) };
}

/**
 * The places [first, end) of a set that the part `index` of `parts` evaluates; all parts together evaluate all of them.
 *
 * @throws OPTION_INVALID if there is no such part, or it would be empty
 */
export function shardRange(count: number, [index, parts]: readonly [number, number]): [number, number] {
  const isPart = Number.isInteger(index) && Number.isInteger(parts) && index >= 0 && index < parts;
  if (isPart && parts <= count) {
    return [Math.floor((index * count) / parts), Math.floor(((index + 1) * count) / parts)];
  }
  throw new ResnetError(
    'OPTION_INVALID',
    `A shard is [index, parts], with an index from 0 to parts - 1 and at most ${count} parts, one an image; found [${index}, ${parts}].`,
  );
}
