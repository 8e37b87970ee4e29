import { ResnetError, unknownName } from '@resnet/core';
import { CIFAR10_CLASSES, CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from './classes.js';

/** Height and width of a CIFAR image, in pixels. */
export const CIFAR_SIZE = 32;

const PLANE = CIFAR_SIZE * CIFAR_SIZE;

/** Bytes of the pixels of a CIFAR image. */
export const CIFAR_PIXELS = 3 * PLANE;

/** Bytes of a record of CIFAR-10's binary version: the label, then a red, a green and a blue plane. */
export const CIFAR10_RECORD = 1 + 3 * PLANE;

/** Bytes of a record of CIFAR-100's binary version: the coarse and the fine label, then the planes. */
export const CIFAR100_RECORD = 2 + 3 * PLANE;

/** Which labels of CIFAR-100: those of the 100 classes, or those of the 20 superclasses. */
export type Cifar100Labels = 'fine' | 'coarse';

/** The images and labels of a CIFAR file: images NHWC, `[count, 32, 32, 3]`, 0 to 255. */
export interface CifarImages {
  images: Uint8Array;
  labels: Uint8Array;
  count: number;
}

/** The labels of an image, in their order in a record of the binary version. */
export interface CifarFormat {
  name: string;
  /** `key` is their name in the Python version. */
  labels: readonly { kind: string; key: string; classes: readonly string[] }[];
}

export const CIFAR10: CifarFormat = {
  name: 'CIFAR-10',
  labels: [{ kind: 'labels', key: 'labels', classes: CIFAR10_CLASSES }],
};

export const CIFAR100: CifarFormat = {
  name: 'CIFAR-100',
  labels: [
    { kind: 'coarse labels', key: 'coarse_labels', classes: CIFAR100_SUPERCLASSES },
    { kind: 'fine labels', key: 'fine_labels', classes: CIFAR100_CLASSES },
  ],
};

/**
 * Reads a file of CIFAR-10's binary version: records of 1 label byte and 3,072 bytes of pixels, in planes
 * (all red, all green, all blue), each by rows.
 *
 * @param bytes the whole file, or whole records of it
 * @param source the file's name, for messages
 * @returns images NHWC, `[count, 32, 32, 3]`, 0 to 255; labels 0 to 9
 * @throws DATA_INVALID if the file is empty or cut off, or a label is above 9
 */
export function parseCifar10(bytes: Uint8Array, source: string): CifarImages {
  return parseRecords(CIFAR10, 0, bytes, source);
}

/**
 * Reads a file of CIFAR-100's binary version: records of 1 coarse label byte, 1 fine label byte and 3,072 bytes
 * of pixels, in planes (all red, all green, all blue), each by rows.
 *
 * @param bytes the whole file, or whole records of it
 * @param source the file's name, for messages
 * @param labels which labels to return; default 'fine'
 * @returns images NHWC, `[count, 32, 32, 3]`, 0 to 255; labels 0 to 99 if fine, 0 to 19 if coarse
 * @throws DATA_INVALID if the file is empty or cut off, a coarse label is above 19 or a fine one above 99;
 *   UNKNOWN_NAME if there are no such labels
 */
export function parseCifar100(
  bytes: Uint8Array,
  source: string,
  labels: Cifar100Labels = 'fine',
): CifarImages {
  return parseRecords(CIFAR100, cifar100LabelIndex(labels), bytes, source);
}

/**
 * The names of the classes of these labels of CIFAR-100.
 *
 * @throws UNKNOWN_NAME if there are no such labels
 */
export function cifar100Classes(labels: Cifar100Labels): readonly string[] {
  return CIFAR100.labels[cifar100LabelIndex(labels)]!.classes;
}

/** Which of the labels of CIFAR-100's format these are. @throws UNKNOWN_NAME if there are no such labels */
export function cifar100LabelIndex(labels: Cifar100Labels): number {
  const kinds = ['coarse', 'fine'];
  if (!kinds.includes(labels)) throw unknownName('labels', String(labels), kinds);
  return kinds.indexOf(labels);
}

/**
 * Reads records of the binary version, as `parseCifar10` does.
 *
 * @param labelIndex which of the format's labels to return
 */
export function parseRecords(
  format: CifarFormat,
  labelIndex: number,
  bytes: Uint8Array,
  source: string,
): CifarImages {
  const recordBytes = format.labels.length + 3 * PLANE;
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new ResnetError(
      'DATA_INVALID',
      `${source} must be a whole number of records of ${recordBytes} bytes, found ${bytes.length} bytes. ` +
        `The file is cut off or is not of the ${format.name} binary version: download or unpack it again.`,
    );
  }
  const count = bytes.length / recordBytes;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  for (let record = 0; record < count; record++) {
    const start = record * recordBytes;
    for (const [position, { kind, classes }] of format.labels.entries()) {
      const label = bytes[start + position]!;
      if (label < classes.length) continue;
      throw new ResnetError(
        'DATA_INVALID',
        `${source} must have ${kind} from 0 to ${classes.length - 1}, found ${label} in record ${record} ` +
          `(byte ${start + position}, both counted from 0). The file is damaged or is not of the ${format.name} ` +
          'binary version.',
      );
    }
    labels[record] = bytes[start + labelIndex]!;
    interleave(bytes, start + format.labels.length, images, record * 3 * PLANE);
  }
  return { images, labels, count };
}

/** Copies the three planes of an image at `from` to pixels at `to`. */
export function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let position = 0; position < PLANE; position++) {
    pixels[to + 3 * position] = planes[from + position]!;
    pixels[to + 3 * position + 1] = planes[from + PLANE + position]!;
    pixels[to + 3 * position + 2] = planes[from + 2 * PLANE + position]!;
  }
}
