import { ResnetError } from '@resnet/backend';

/** The ten classes of CIFAR-10, in the order of their labels. */
export const CIFAR10_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/** Height and width of a CIFAR image, in pixels. */
export const CIFAR_SIZE = 32;

const PLANE = CIFAR_SIZE * CIFAR_SIZE;

/** Bytes of a record of CIFAR-10's binary version: the label, then a red, a green and a blue plane. */
export const CIFAR10_RECORD = 1 + 3 * PLANE;

/**
 * Reads a file of CIFAR-10's binary version: records of 1 label byte and 3,072 bytes of pixels, in planes
 * (all red, all green, all blue), each by rows.
 *
 * @param bytes the whole file, or whole records of it
 * @param source the file's name, for messages
 * @returns images NHWC, `[count, 32, 32, 3]`, 0 to 255; labels 0 to 9
 * @throws DATA_INVALID if the file is empty or cut off, or a label is above 9
 */
export function parseCifar10(
  bytes: Uint8Array,
  source: string,
): { images: Uint8Array; labels: Uint8Array; count: number } {
  if (bytes.length === 0 || bytes.length % CIFAR10_RECORD !== 0) {
    throw new ResnetError(
      'DATA_INVALID',
      `${source} must be a whole number of records of ${CIFAR10_RECORD} bytes, found ${bytes.length} bytes. ` +
        'The file is cut off or is not of the CIFAR-10 binary version: download or unpack it again.',
    );
  }
  const count = bytes.length / CIFAR10_RECORD;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  for (let record = 0; record < count; record++) {
    const start = record * CIFAR10_RECORD;
    const label = bytes[start]!;
    if (label >= CIFAR10_CLASSES.length) {
      throw new ResnetError(
        'DATA_INVALID',
        `${source} must have labels from 0 to 9, found ${label} in record ${record} (byte ${start}, both ` +
          'counted from 0). The file is damaged or is not of the CIFAR-10 binary version.',
      );
    }
    labels[record] = label;
    interleave(bytes, start + 1, images, record * 3 * PLANE);
  }
  return { images, labels, count };
}

function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let place = 0; place < PLANE; place++) {
    pixels[to + 3 * place] = planes[from + place]!;
    pixels[to + 3 * place + 1] = planes[from + PLANE + place]!;
    pixels[to + 3 * place + 2] = planes[from + 2 * PLANE + place]!;
  }
}
