import type { DownloadProgress } from '@resnet/files';
import type { Dataset } from '../sets/dataset.js';
import type { ImageSet } from '../sets/image-set.js';
import type { Normalization } from '../statistics/normalization.js';

/** What a part of a data set is used for. */
export type Purpose = 'train' | 'test';

/** What an entry is asked to open. */
export interface OpenRequest {
  /** The part's name. By default the part for `purpose`, else the first or only one. */
  part?: string | undefined;
  purpose?: Purpose;
  /** Whether test images will be split from the training images, so that a set without parts is accepted. */
  isSplit?: boolean;
  /** At most this many images, the first ones. An entry that can't read fewer may return all. */
  limit?: number | undefined;
  /** The column of the labels, for sets with columns. */
  label?: string | undefined;
}

/** What is at a path that may be a data set. */
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
  /** Whether a data set of this kind is there. Without this method, such a set can only be opened by the name of its kind. */
  recognizes?(found: Found): boolean | Promise<boolean>;
  /** @param path of the file or folder; for an included set, its name */
  open(path: string, request: OpenRequest): Promise<Dataset | ImageSet>;
  /** Downloads the set into a folder, unless it is there. @returns the path to open. Without this method, users get the set themselves. */
  download?(folder: string, options: DownloadOptions): Promise<string>;
  /** Whether the set comes with a package, so that it has no path. */
  isIncluded?: boolean;
  /** Whether `label` chooses the column of the labels. */
  hasLabelColumns?: boolean;
  /** How such a set is trained on by default. */
  usual: {
    /** The name of a recipe of `@resnet/train`. */
    recipe: string;
    normalization(train: Dataset | ImageSet): Normalization;
  };
}
