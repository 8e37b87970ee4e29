import type { ImageFolder } from '../folders/image-files.js';
import { type Dataset, type IndexedDataset, labelsOf, noSuchIndex } from './dataset.js';

/**
 * Some images of a set, which are read from it.
 *
 * @param indexOf the index in the set of an image of the subset; it need not check its argument
 * @throws OPTION_INVALID if the set is only streamed
 */
export function subset(set: Dataset, count: number, indexOf: (index: number) => number): IndexedDataset {
  const at = (index: number) => {
    if (Number.isInteger(index) && index >= 0 && index < count) return indexOf(index);
    throw noSuchIndex(set.name, count, index);
  };
  const { paths, stream: _, countFor: __, ...rest } = set as Dataset & Partial<ImageFolder>;
  const labels = labelsOf(set);
  return {
    ...rest,
    ...(paths ? { paths: Array.from({ length: count }, (_, index) => paths[indexOf(index)]!) } : {}),
    count,
    labels: Int32Array.from({ length: count }, (_, index) => labels[indexOf(index)]!),
    read: async (index, admit) => set.read(at(index), admit),
    ...(set.encoded ? { encoded: async (index: number) => set.encoded!(at(index)) } : {}),
  };
}
