import type { Image } from '../images/image.js';
import type { Admit } from '../loading/read-ahead.js';
import type { IgnoredFiles } from '../sets/dataset.js';

/** The objects in one image. */
export interface ImageObjects {
  /**
   * x1, y1, x2, y2 of each object, in pixels of the image as it is stored: `4 * N` numbers. Continuous coordinates: a box that covers
   * the whole image is [0, 0, width, height].
   */
  boxes: Float64Array;
  /** Indices into the set's classes: N integers. */
  labels: Int32Array;
  /** 1 where the object is marked as difficult (VOC). */
  difficult?: Uint8Array;
  /** 1 where the box stands for a crowd of objects (COCO), which are never trained on. */
  crowd?: Uint8Array;
  /** In square pixels, where the annotation has them (COCO: of the mask, not of the box). */
  areas?: Float64Array;
}

/** Boxes that were left out or changed when the annotations were read. */
export interface RepairedBoxes {
  /** For messages: 'of size zero or less, left out'. */
  reason: string;
  count: number;
  /** The files and boxes of the first ones. */
  examples: readonly string[];
}

/** A set of images with the objects in them. Annotations are read when it is opened, an image only when it is asked for. */
export interface DetectionDataset {
  /** For messages: the folder and the part. */
  name: string;
  /** Of images; an image may have no objects. */
  count: number;
  /** Without a background. */
  classes: readonly string[];
  /** The files that were skipped, by reason. */
  ignored?: readonly IgnoredFiles[];
  /** The boxes that were left out or changed, by reason. */
  repaired?: readonly RepairedBoxes[];
  /**
   * The objects in the image at an index. The arrays may be the set's own memory: don't write to them.
   *
   * @throws OPTION_INVALID if the set has no such index
   */
  objects(index: number): ImageObjects;
  /** A name that no other image of the set has: 'BloodImage_00001'. For messages and results. */
  imageName(index: number): string;
  /** The height and width of an image, where they are known without decoding it. */
  size?(index: number): readonly [height: number, width: number] | undefined;
  /**
   * The image at an index. Its pixels may be the set's own memory: don't write to them.
   *
   * @param admit if given, is awaited before memory is allocated: with the bytes of the file, then with those of the image
   * @throws IMAGE_INVALID or FILE_UNREADABLE for an image that is broken; OPTION_INVALID if the set has no such index
   */
  read(index: number, admit?: Admit): Promise<Image>;
  /** The same image as it is stored: the path of an image file, or the bytes of one. */
  encoded?(index: number): Promise<string | Uint8Array>;
}
