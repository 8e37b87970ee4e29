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

/** A labeled data set whose images come one at a time, such as from files: for more than memory holds. */
export interface Dataset {
  /** For people: the folder. */
  name: string;
  count: number;
  classes: readonly string[];
  /** The class of each image, an index into `classes`. */
  labels: Int32Array;
  /** What was passed over, by the reason. */
  ignored?: readonly IgnoredFiles[];
  /**
   * The image at an index of the set, fresh: the receiver owns it.
   *
   * @param admit is awaited before memory is taken, where it is given: with the bytes of the file, and those of the image
   * @throws IMAGE_INVALID or FILE_UNREADABLE for an image that is broken
   */
  read(index: number, admit?: Admit): Promise<Image>;
  /**
   * The same image as it is stored, for workers to decode. Without it, they get what `read` gives.
   *
   * @returns the path of an image file, or the bytes of one, which the receiver owns
   */
  encoded?(index: number): Promise<string | Uint8Array>;
}

/** A labeled data set that is read from one end to the other, such as tar shards: for more than a disk holds. */
export interface StreamedDataset {
  /** For people: the folder or address. */
  name: string;
  /** Images in all. */
  count: number;
  classes: readonly string[];
  /** What was passed over when the images were counted, by the reason. */
  ignored?: readonly IgnoredFiles[];
  /** How many images an epoch has for one of several machines: the same for each. */
  countFor(world: number): number;
  /**
   * The images of an epoch, or one machine's share of them, as they are stored. Their order is a function of `order`
   * alone.
   *
   * @param first how many to leave out at the beginning, which are not read if that can be avoided
   */
  stream(order: StreamOrder, first: number, signal?: AbortSignal): AsyncGenerator<StreamedSample, void>;
  /** Decodes what the stream gives. @param admit as for `Dataset.read` @throws IMAGE_INVALID */
  decode(encoded: Uint8Array, name: string, admit?: Admit): Promise<Image>;
}

export interface StreamOrder {
  /** Decide the order, if it is shuffled. */
  seed: number;
  epoch: number;
  isShuffled: boolean;
  /** [rank, world]: of several machines that share the epoch. */
  shard: readonly [number, number];
}

export interface StreamedSample {
  /** The image's index in the data set. */
  index: number;
  /** The bytes of an image file, which the receiver owns. */
  encoded: Uint8Array;
  label: number;
  /** What messages call the image. */
  name: string;
}
