import type { Found } from '../../catalogue/entry.js';
import type { DetectionDataset } from '../detection-dataset.js';

/** A kind of set with objects. Its images have no label of their own, so that `DatasetEntry` does not fit. */
export interface DetectionEntry {
  /** For messages: "a folder in VOC's layout". */
  description: string;
  /** Whether a set of this kind is there. */
  recognizes?(found: Found): boolean | Promise<boolean>;
  /** @param options.part by default that for training, where there are parts */
  open(path: string, options: { part?: string }): Promise<DetectionDataset>;
  /** Whether the set comes with this package, so that its path is its name. */
  isIncluded?: boolean;
}

/** The part for training: 'train', 'train2017'. */
export function trainingPart(parts: readonly string[]): string | undefined {
  return parts.find((part) => /^train\d*$/.test(part));
}
