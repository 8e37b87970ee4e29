import type { Image } from './image.js';

/** A labelled data set whose images come one at a time, such as from files: for more than memory holds. */
export interface Dataset {
  /** For people: the folder. */
  name: string;
  count: number;
  classes: readonly string[];
  /** The class of each image, an index into `classes`. */
  labels: Int32Array;
  /**
   * The image at a place of the set, fresh: the receiver owns it.
   *
   * @throws IMAGE_INVALID or FILE_UNREADABLE for an image that is broken
   */
  read(index: number): Promise<Image>;
  /**
   * The same image as it is stored, for workers to decode. Without it, they get what `read` gives.
   *
   * @returns the path of an image file, or the bytes of one, which the receiver owns
   */
  encoded?(index: number): Promise<string | Uint8Array>;
}
