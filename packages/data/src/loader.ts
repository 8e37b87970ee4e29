import { Random, ResnetError } from '@resnet/backend';
import type { Image } from './image.js';
import { type ImageSet, imageAt, validateImageSet } from './image-set.js';
import type { Transform } from './transforms/transform.js';

/** What a step of training or testing takes. Its arrays are fresh: the receiver may keep or change them. */
export interface Batch {
  /** NHWC, 0 to 255: `count * height * width * channels` bytes. */
  images: Uint8Array;
  /** The class of each image: `count` integers. */
  labels: Int32Array;
  count: number;
  height: number;
  width: number;
  channels: number;
}

export interface LoaderOptions {
  /** Images a batch, at least 1. */
  batchSize: number;
  /** Decides the order and the augmentation; 0 by default. */
  seed?: number;
  /** A new order every epoch; by default the set's own order. */
  shuffle?: boolean;
  /** Applied to every image; all its results must have one size. */
  transform?: Transform;
  /** Leave out the last batch if it is not full; by default it is kept. */
  dropLast?: boolean;
}

export interface Loader {
  readonly batchesPerEpoch: number;
  /**
   * The batches of an epoch, from the batch `startBatch` on (0 by default). They depend on nothing but the seed
   * and these numbers, so that a run that stopped goes on with exactly the batches it still lacked.
   *
   * @throws OPTION_INVALID if `epoch` is not an integer of at least 0, or `startBatch` not one from 0 to
   *   `batchesPerEpoch`; while iterating, SHAPE_MISMATCH if the transform gives images of several sizes
   */
  epoch(epoch: number, startBatch?: number): AsyncIterable<Batch>;
}

/** Keeps the numbers of the augmentation apart from those of the order. */
const AUGMENTATION = 1;

/**
 * Reads a data set in batches. The order is a function of (seed, epoch) alone, and the augmentation of an image
 * one of (seed, epoch, its place in the epoch).
 *
 * @throws OPTION_INVALID if an option is out of range or no batch would be full with `dropLast`;
 *   DATA_INVALID if the set is empty or inconsistent
 */
export function loader(set: ImageSet, options: LoaderOptions): Loader {
  const { batchSize, seed = 0, shuffle = false, transform, dropLast = false } = options;
  validateImageSet(set);
  checkInteger('batchSize', batchSize, 1);
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  const batchesPerEpoch = dropLast ? Math.floor(set.count / batchSize) : Math.ceil(set.count / batchSize);
  if (batchesPerEpoch === 0) {
    throw new ResnetError(
      'OPTION_INVALID',
      `dropLast leaves no batch of ${batchSize}, as '${set.name}' has ${set.count} images. Use a smaller batchSize.`,
    );
  }

  async function* batches(epoch: number, startBatch: number): AsyncGenerator<Batch> {
    const order = shuffle ? new Random(seed, epoch).permutation(set.count) : undefined;
    for (let batch = startBatch; batch < batchesPerEpoch; batch++) {
      const first = batch * batchSize;
      const images: Image[] = [];
      const labels = new Int32Array(Math.min(batchSize, set.count - first));
      for (let place = 0; place < labels.length; place++) {
        const position = first + place;
        const index = order ? order[position]! : position;
        const image = imageAt(set, index);
        images.push(transform ? transform(image, new Random(seed, epoch, AUGMENTATION, position)) : image);
        labels[place] = set.labels[index]!;
      }
      yield stacked(images, labels);
    }
  }

  return {
    batchesPerEpoch,
    epoch(epoch, startBatch = 0) {
      checkInteger('epoch', epoch, 0);
      checkInteger('startBatch', startBatch, 0, batchesPerEpoch);
      return batches(epoch, startBatch);
    },
  };
}

function stacked(list: Image[], labels: Int32Array): Batch {
  const { height, width, channels } = list[0]!;
  const size = height * width * channels;
  const images = new Uint8Array(list.length * size);
  list.forEach((image, place) => {
    if (image.height !== height || image.width !== width || image.channels !== channels) {
      throw new ResnetError(
        'SHAPE_MISMATCH',
        `All images of a batch must have one size: the first is ${height} x ${width} x ${channels}, ` +
          `number ${place} is ${image.height} x ${image.width} x ${image.channels}. Check the transform.`,
      );
    }
    images.set(image.pixels, place * size);
  });
  return { images, labels, count: list.length, height, width, channels };
}

function checkInteger(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new ResnetError('OPTION_INVALID', `${name} must be an integer ${range}, found ${value}.`);
  }
}
