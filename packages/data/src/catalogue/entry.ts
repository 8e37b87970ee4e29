import type { DownloadProgress } from '@resnet/files';
import type { Dataset } from '../sets/dataset.js';
import type { ImageSet } from '../sets/image-set.js';
import type { Normalization } from '../statistics/normalization.js';

/** What images are for. */
export type Purpose = 'train' | 'test';

/** What an entry is asked to open. */
export interface OpenRequest {
  /** The part, by its name. By default the one that suits `purpose`, or else the entry's first or only one. */
  part?: string;
  purpose?: Purpose;
  /** Whether test images are going to be taken from the training images, so that a set without parts will do. */
  isSplit?: boolean;
  /** At most this many images, the first ones. An entry that can't read fewer may return all. */
  limit?: number;
  /** The column of the labels, where there are columns. */
  label?: string;
}

/** What lies where a data set may be. */
export interface Found {
  path: string;
  /** The last part of the path. */
  name: string;
  isFolder: boolean;
  /** Of a folder, the names of its files and folders, without hidden ones. */
  files: readonly string[];
  folders: readonly string[];
}

export interface DownloadOptions {
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
}

/** A kind of data set: one entry of the catalogue. */
export interface DatasetEntry {
  /** For messages: "CIFAR-10's folder or archive". */
  description: string;
  /** Whether this kind lies there. Without it, a set of this kind opens by the name of the kind only. */
  recognizes?(found: Found): boolean | Promise<boolean>;
  /** @param path of the file or folder; of a kind that is included, its own name */
  open(path: string, request: OpenRequest): Promise<Dataset | ImageSet>;
  /** Fetches the set into a folder, unless it is there. @returns the path to open. Without it, users get the set themselves. */
  download?(folder: string, options: DownloadOptions): Promise<string>;
  /** Whether the set comes with a package, so that it has no path. */
  isIncluded?: boolean;
  /** Whether the labels are in columns, of which `label` chooses one. */
  hasLabelColumns?: boolean;
  /** How such sets are trained on, unless told otherwise. */
  usual: {
    /** The name of a recipe of `@resnet/train`. */
    recipe: string;
    normalization(train: Dataset | ImageSet): Normalization;
  };
}
