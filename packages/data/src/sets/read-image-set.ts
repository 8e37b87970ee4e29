import { ResnetError, throwIfAborted } from '@resnet/core';
import type { Image } from '../images/image.js';
import type { Admit } from '../loading/read-ahead.js';
import { eachSample } from '../loading/samples.js';
import type { Dataset, Sample } from './dataset.js';
import type { ImageSet } from './image-set.js';

/** How many images are decoded at a time. */
const AHEAD = 32;

/** The labels of a set in memory are bytes. */
const MOST_CLASSES = 256;

/**
 * Decodes a whole data set into memory: for small images such as CIFAR's, which are read in every epoch.
 *
 * @param set whose images all have one size
 * @param options.onProgress called after each image with the number of images read
 * @throws SHAPE_MISMATCH if an image has another size than the first; DATA_INVALID if the set is empty or has more than
 *   256 classes; OUT_OF_MEMORY if the images don't fit into one array; ABORTED after the signal; what reading an image
 *   throws
 */
export async function readImageSet(
  set: Dataset,
  options: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<ImageSet> {
  const { name, count, classes } = set;
  const { signal, onProgress } = options;
  throwIfAborted(signal, 'Reading images');
  if (count < 1 || classes.length > MOST_CLASSES) {
    throw new ResnetError(
      'DATA_INVALID',
      `A set in memory must have at least one image and at most ${MOST_CLASSES} classes, '${name}' has ${count} ` +
        `images and ${classes.length} classes. Give the data set itself to the loader.`,
    );
  }
  let whole: ImageSet | undefined;
  let done = 0;
  const work = async (sample: Sample, admit: Admit) => ({ ...sample, image: await sample.read(admit) });
  for await (const { label, image } of eachSample(set, work, { ahead: AHEAD, signal })) {
    throwIfAborted(signal, 'Reading images');
    whole ??= emptySet(set, image);
    const { height, width, channels } = whole;
    if (image.height !== height || image.width !== width || image.channels !== channels) {
      throw new ResnetError(
        'SHAPE_MISMATCH',
        `All images of a set in memory must have one size: the first of '${name}' is ${height} x ${width} x ` +
          `${channels}, number ${done} is ${image.height} x ${image.width} x ${image.channels}. Give the data set ` +
          'itself to the loader, with a transform that makes them equal.',
      );
    }
    whole.images.set(image.pixels, done * height * width * channels);
    whole.labels[done] = label;
    done++;
    onProgress?.(done, count);
  }
  throwIfAborted(signal, 'Reading images');
  return whole!;
}

/** A set with memory for all images, each of the first one's size. */
function emptySet(set: Dataset, { height, width, channels }: Image): ImageSet {
  const { name, count, classes } = set;
  const images = allocate(set, height * width * channels);
  return { name, images, labels: new Uint8Array(count), count, height, width, channels, classes };
}

function allocate({ name, count }: Dataset, size: number): Uint8Array {
  try {
    return new Uint8Array(count * size);
  } catch (cause) {
    throw new ResnetError(
      'OUT_OF_MEMORY',
      `A set in memory must fit into one array, the images of '${name}' take ${count} x ${size} bytes. Give the data ` +
        'set itself to the loader.',
      { cause },
    );
  }
}
