import type { Dataset, IndexedDataset } from './dataset.js';
import { type ImageSet, imageAt, validateImageSet } from './image-set.js';

/**
 * A set in memory as a `Dataset`. A `Dataset` is returned as it is.
 *
 * @throws DATA_INVALID if a set in memory is inconsistent
 */
export function toDataset(set: ImageSet): IndexedDataset;
export function toDataset(set: ImageSet | Dataset): Dataset;
export function toDataset(set: ImageSet | Dataset): Dataset {
  if (!('images' in set)) return set;
  validateImageSet(set);
  const { name, count, classes } = set;
  return {
    name,
    count,
    classes,
    labels: Int32Array.from(set.labels),
    isInMemory: true,
    read: async (index) => imageAt(set, index),
  };
}
