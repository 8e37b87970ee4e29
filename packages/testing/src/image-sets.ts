import { Random } from '@resnet/core';

interface Sizes {
  count: number;
  height: number;
  width: number;
  channels: number;
  classes: readonly string[];
}

/** A set of random bytes; labels go round the classes. */
export function madeSet(sizes: Partial<Sizes> = {}) {
  const { count = 10, height = 4, width = 5, channels = 3, classes = ['a', 'b', 'c'] } = sizes;
  const random = new Random(7, count, height, width, channels);
  const images = Uint8Array.from({ length: count * height * width * channels }, () => random.int(256));
  const labels = Uint8Array.from({ length: count }, (_, index) => index % classes.length);
  return { name: 'made', images, labels, count, height, width, channels, classes };
}

/** A file of CIFAR-10's binary version: records of the given labels and random pixels. */
export function madeCifar(labels: readonly number[]): Uint8Array {
  return madeRecords(
    1 + 3 * 1024,
    labels.map((label) => [label]),
  );
}

/** A file of CIFAR-100's binary version: records of the given labels, coarse and fine, and random pixels. */
export function madeCifar100(labels: readonly (readonly [coarse: number, fine: number])[]): Uint8Array {
  return madeRecords(2 + 3 * 1024, labels);
}

function madeRecords(recordBytes: number, labels: readonly (readonly number[])[]): Uint8Array {
  const random = new Random(8, labels.length);
  const bytes = Uint8Array.from({ length: labels.length * recordBytes }, () => random.int(256));
  for (const [record, ofRecord] of labels.entries()) bytes.set(ofRecord, record * recordBytes);
  return bytes;
}
