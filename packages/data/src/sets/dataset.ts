import { ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import type { Admit } from '../loading/read-ahead.js';

/** Files that were found in a data set's folder and do not belong to the set. */
export interface IgnoredFiles {
  /** For messages: 'hidden', 'ending in .txt'. */
  reason: string;
  count: number;
  /** The paths of the first ones, within the data set. */
  examples: readonly string[];
}

/**
 * A labeled data set: in memory, in files or in shards. The loader reads it. Images are read by their index, or in the order in
 * which the set streams them.
 */
export interface Dataset {
  /** For messages: the folder or address. */
  name: string;
  count: number;
  classes: readonly string[];
  /** The class of each image, an index into `classes`. Absent where labels are stored with the images, as in tar shards. */
  labels?: Int32Array;
  /** The files that were skipped, by reason. */
  ignored?: readonly IgnoredFiles[];
  /** Whether reading an image takes neither time nor memory, so that none are read ahead. */
  isInMemory?: boolean;
  /**
   * The image at an index of the set. Its pixels may be the set's own memory: don't write to them.
   *
   * @param admit if given, is awaited before memory is allocated: with the bytes of the file, then with those of the image
   * @throws IMAGE_INVALID or FILE_UNREADABLE for an image that is broken; OPTION_INVALID if the set has no such index, or is only
   *   streamed
   */
  read(index: number, admit?: Admit): Promise<Image>;
  /**
   * The same image as it is stored, for workers to decode. Without it, they get what `read` gives.
   *
   * @returns the path of an image file, or the bytes of one
   */
  encoded?(index: number): Promise<string | Uint8Array>;
  /** How many images each of `world` machines gets in an epoch. By default `count / world`, rounded down. */
  countFor?(world: number): number;
  /**
   * The images of an epoch, or one machine's share of them, of a set that is read from start to end. Their order depends only on
   * `order`. A set without this method is read by index.
   *
   * @param first how many images to skip at the beginning; they are not read if that can be avoided
   */
  stream?(order: EpochOrder, first: number, signal?: AbortSignal): AsyncGenerator<Sample, void>;
}

/** A data set whose images can be read in any order. */
export interface IndexedDataset extends Dataset {
  labels: Int32Array;
}

/** A data set that is read from start to end, such as tar shards; it may be larger than a disk. */
export interface StreamedDataset extends Dataset {
  countFor(world: number): number;
  stream(order: EpochOrder, first: number, signal?: AbortSignal): AsyncGenerator<Sample, void>;
}

export interface EpochOrder {
  /** With `epoch`, decides the order, if it is shuffled. */
  seed: number;
  epoch: number;
  isShuffled: boolean;
  /** [rank, world], of several machines that share the epoch. */
  shard: readonly [number, number];
}

/** An image of a data set with its label, before it is decoded. */
export interface Sample {
  /** The image's index in the data set. */
  index: number;
  label: number;
  /** The image's name in messages. */
  name: string;
  /** As `Dataset.read`. */
  read(admit?: Admit): Promise<Image>;
  /** As it is stored: the path of an image file, the bytes of one, or an image. */
  stored(): Promise<string | Uint8Array | Image>;
}

/** The class of each image of a set. @throws OPTION_INVALID if the labels are stored with the images */
export function labelsOf({ name, labels }: Pick<Dataset, 'name' | 'labels'>): Int32Array {
  if (labels) return labels;
  throw onlyStreamed(name);
}

/** The error for work that needs images by index, on a set that can only be streamed. */
export function onlyStreamed(name: string): ResnetError {
  return new ResnetError(
    'OPTION_INVALID',
    `'${name}' can't be read in any order, as this work must: it is streamed from one end to the other. Give the images that ` +
      'it was made of, or read it into memory (`readImageSet`).',
  );
}

export function noSuchIndex(name: string, count: number, index: number): ResnetError {
  return new ResnetError(
    'OPTION_INVALID',
    `An image's index in '${name}' must be an integer from 0 to ${count - 1}, found ${index}.`,
  );
}
