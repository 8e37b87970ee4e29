import { ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import type { Admit } from '../loading/read-ahead.js';

/** What lies where a data set was read from and is no part of it. */
export interface IgnoredFiles {
  /** For people: 'hidden', 'ending in .txt'. */
  reason: string;
  count: number;
  /** The first ones, by their paths within the data set. */
  examples: readonly string[];
}

/**
 * A labeled data set, wherever its images are: in memory, in files or in shards. It is what the loader reads. Images are
 * reached by their index, or else in the order in which the set streams them.
 */
export interface Dataset {
  /** For people: the folder or address. */
  name: string;
  count: number;
  classes: readonly string[];
  /** The class of each image, an index into `classes`. Absent where only reading the images tells, as of tar shards. */
  labels?: Int32Array;
  /** What was passed over, by the reason. */
  ignored?: readonly IgnoredFiles[];
  /** Whether reading an image takes neither time nor memory, so that none are read ahead. */
  isInMemory?: boolean;
  /**
   * The image at an index of the set. Its pixels may be the set's own memory: don't write to them.
   *
   * @param admit is awaited before memory is taken, where it is given: with the bytes of the file, and those of the image
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
  /** How many images an epoch has for one of several machines: the same for each. By default, the `world`-th part of them. */
  countFor?(world: number): number;
  /**
   * The images of an epoch, or one machine's share of them, of a set that is read from one end to the other. Their order is
   * a function of `order` alone. Without it, images are read by their index.
   *
   * @param first how many to leave out at the beginning, which are not read if that can be avoided
   */
  stream?(order: EpochOrder, first: number, signal?: AbortSignal): AsyncGenerator<Sample, void>;
}

/** A data set whose images can be read in any order. */
export interface IndexedDataset extends Dataset {
  labels: Int32Array;
}

/** A data set that is read from one end to the other, such as tar shards: for more than a disk holds. */
export interface StreamedDataset extends Dataset {
  countFor(world: number): number;
  stream(order: EpochOrder, first: number, signal?: AbortSignal): AsyncGenerator<Sample, void>;
}

export interface EpochOrder {
  /** Decide the order, if it is shuffled. */
  seed: number;
  epoch: number;
  isShuffled: boolean;
  /** [rank, world]: of several machines that share the epoch. */
  shard: readonly [number, number];
}

/** An image of a data set with its label, before it is decoded. */
export interface Sample {
  /** The image's index in the data set. */
  index: number;
  label: number;
  /** What messages call the image. */
  name: string;
  /** As `Dataset.read`. */
  read(admit?: Admit): Promise<Image>;
  /** As it is stored: the path of an image file, the bytes of one, or an image. */
  stored(): Promise<string | Uint8Array | Image>;
}

/** The class of each image of a set. @throws OPTION_INVALID if only reading the images tells */
export function labelsOf({ name, labels }: Pick<Dataset, 'name' | 'labels'>): Int32Array {
  if (labels) return labels;
  throw onlyStreamed(name);
}

/** The error for what needs images by their index, of a set that is read from one end to the other. */
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
