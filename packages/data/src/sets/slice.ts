import type { Admit } from '../loading/read-ahead.js';
import type { Dataset } from './dataset.js';
import type { ImageSet } from './image-set.js';

/** The images from `first` to `end` (excluded) of a set, as a set; in memory, pixels and labels are views of it. */
export function sliceImages<Set extends ImageSet | Dataset>(set: Set, first: number, end: number): Set {
  const count = end - first;
  const labels = set.labels.subarray(first, end);
  if ('images' in set) {
    const size = set.height * set.width * set.channels;
    return { ...set, count, labels, images: set.images.subarray(first * size, end * size) };
  }
  const { read, encoded } = set;
  return {
    ...set,
    count,
    labels,
    read: (index: number, ...rest: [Admit?]) => read.call(set, first + index, ...rest),
    ...(encoded ? { encoded: (index: number) => encoded.call(set, first + index) } : {}),
  };
}
