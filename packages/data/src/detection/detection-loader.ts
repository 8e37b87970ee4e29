import { checkInteger, Random, ResnetError, throwIfAborted } from '@resnet/core';
import { AUGMENTATION, isBroken } from '../loading/make-batch.js';
import { type Admit, readAhead } from '../loading/read-ahead.js';
import { indicesOf } from '../loading/samples.js';
import { checkObjects } from './check-objects.js';
import type { DetectionDataset } from './detection-dataset.js';
import type { ObjectImage, ObjectTransform } from './object-transform.js';

/** Batches that are read ahead, beside the one that is wanted next. */
const BATCHES_AHEAD = 2;

export interface DetectionLoaderOptions {
  /** Images per batch, at least 1. */
  batchSize: number;
  /** Decides the order and the augmentation; 0 by default. */
  seed?: number;
  /** Whether each epoch has a new random order; by default the set's order is kept. */
  shuffle?: boolean;
  /** Applied to every image with its boxes; the results may differ in size. */
  transform?: ObjectTransform;
  /**
   * Called with each broken image, which is then left out of its batch; `index` is its index in the set. By default the first broken
   * image ends the epoch with its error.
   */
  onBroken?: (error: ResnetError, index: number) => void;
  /** Ends an epoch between two batches. */
  signal?: AbortSignal;
}

/** An image of a batch, after the transform. */
export interface DetectionSample extends ObjectImage {
  /** In the set. */
  index: number;
  /** `imageName` of the set. */
  name: string;
  /** Before the transform, so that boxes that are found can be scaled back. */
  originalSize: readonly [height: number, width: number];
}

export interface DetectionBatch {
  /** At least one. `padToBatch` makes one array of them. */
  images: DetectionSample[];
}

export interface DetectionLoader {
  readonly batchesPerEpoch: number;
  /**
   * The batches of an epoch, from the batch `first` on (0 by default). They depend only on the seed and these numbers, so that a
   * run that was stopped resumes with exactly the batches that remain. A batch whose images are all broken is left out.
   *
   * @throws OPTION_INVALID if `epoch` is not an integer of at least 0, or `first` not one from 0 to `batchesPerEpoch`; while
   *   iterating, DATA_INVALID for a box without a size, naming image and object, ABORTED after the signal, and what reading an
   *   image throws, unless `onBroken` is given
   */
  epoch(epoch: number, options?: { first?: number }): AsyncIterable<DetectionBatch>;
}

/**
 * Reads a set of images with objects in batches. The order depends only on (seed, epoch), and the augmentation of an image only on
 * (seed, epoch, its index). The last batch may be smaller. Pixels and boxes may be the set's own memory: don't write to them.
 *
 * @throws OPTION_INVALID if an option is out of range; DATA_INVALID if the set is empty
 */
export function detectionLoader(set: DetectionDataset, options: DetectionLoaderOptions): DetectionLoader {
  const { batchSize, seed = 0, shuffle = false, transform, onBroken, signal } = options;
  checkInteger('batchSize', batchSize, 1);
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  if (!(Number.isInteger(set.count) && set.count > 0)) {
    throw new ResnetError('DATA_INVALID', `'${set.name}' must have at least one image, found ${set.count}.`);
  }
  const batchesPerEpoch = Math.ceil(set.count / batchSize);

  async function* batches(epoch: number, first: number): AsyncGenerator<DetectionBatch> {
    const order = indicesOf(set, { seed, epoch, isShuffled: shuffle, shard: [0, 1] });
    const read = async (position: number, admit: Admit) => {
      const index = order[position]!;
      try {
        return await sampleOf(set, index, transform, new Random(seed, epoch, AUGMENTATION, index), admit);
      } catch (error) {
        if (!onBroken || !isBroken(error)) throw error;
        return { error, index };
      }
    };
    const ahead = batchSize * (1 + BATCHES_AHEAD);
    const made = readAhead(first * batchSize, set.count, read, { ahead, signal });
    try {
      for (let batch = first; batch < batchesPerEpoch; batch++) {
        const images: DetectionSample[] = [];
        for (let slot = batch * batchSize; slot < Math.min(set.count, (batch + 1) * batchSize); slot++) {
          throwIfAborted(signal, 'Loading data');
          const { value } = await made.next();
          throwIfAborted(signal, 'Loading data');
          if (!value) return;
          if ('error' in value) onBroken?.(value.error, value.index);
          else images.push(value);
        }
        if (images.length > 0) yield { images };
      }
    } finally {
      await made.return(undefined);
    }
  }

  return {
    batchesPerEpoch,
    epoch(epoch, { first = 0 } = {}) {
      checkInteger('epoch', epoch, 0);
      checkInteger('first', first, 0, batchesPerEpoch);
      return batches(epoch, first);
    },
  };
}

async function sampleOf(
  set: DetectionDataset,
  index: number,
  transform: ObjectTransform | undefined,
  random: Random,
  admit: Admit,
): Promise<DetectionSample> {
  const name = set.imageName(index);
  const objects = set.objects(index);
  const shown = `'${name}' of '${set.name}'`;
  checkObjects(objects, set.classes.length, shown);
  const image = await set.read(index, admit);
  const made = transform ? transform({ image, objects }, random) : { image, objects };
  if (transform) checkObjects(made.objects, set.classes.length, `${shown}, transformed,`);
  return { ...made, index, name, originalSize: [image.height, image.width] };
}
