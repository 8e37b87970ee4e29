import { Random, ResnetError, throwIfAborted } from '@resnet/backend';
import { checkInteger } from './check.js';
import type { Dataset } from './dataset.js';
import type { Image } from './image.js';
import { type ImageSet, imageAt, validateImageSet } from './image-set.js';
import { readAhead } from './read-ahead.js';
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
  /**
   * [rank, world]: this loader gives every `world`-th image of the order, from place `rank` on, as several machines
   * share an epoch. All give equally many: what is left over of an epoch is left out.
   */
  shard?: readonly [number, number];
  /** Batches of a `Dataset` that are read before they are asked for; 2 by default. A set in memory needs none. */
  prefetch?: number;
  /**
   * Hears of each image of a `Dataset` that is broken, which is then left out of its batch; the place is one of the
   * set. By default the first one ends the epoch with its error.
   */
  onBroken?: (error: ResnetError, index: number) => void;
  /** Ends epochs between two batches. */
  signal?: AbortSignal;
}

export interface Loader {
  readonly batchesPerEpoch: number;
  /**
   * The batches of an epoch, from the batch `startBatch` on (0 by default). They depend on nothing but the seed
   * and these numbers, so that a run that stopped goes on with exactly the batches it still lacked.
   *
   * @throws OPTION_INVALID if `epoch` is not an integer of at least 0, or `startBatch` not one from 0 to
   *   `batchesPerEpoch`; while iterating, SHAPE_MISMATCH if the transform gives images of several sizes, ABORTED after
   *   the signal, and what reading an image throws, unless `onBroken` is given
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
export function loader(set: ImageSet | Dataset, options: LoaderOptions): Loader {
  const { batchSize, seed = 0, shuffle = false, transform, dropLast = false } = options;
  const { shard = [0, 1], prefetch = 2, onBroken, signal } = options;
  const [rank, world] = shard;
  if ('read' in set) validateDataset(set);
  else validateImageSet(set);
  checkInteger('batchSize', batchSize, 1);
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  checkInteger('prefetch', prefetch, 0);
  checkInteger("shard's world", world, 1);
  checkInteger("shard's rank", rank, 0, world - 1);
  const count = Math.floor(set.count / world);
  const batchesPerEpoch = dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
  if (batchesPerEpoch === 0) {
    const share = world === 1 ? '' : ` and a shard ${count} of them`;
    throw new ResnetError(
      'OPTION_INVALID',
      `${dropLast ? 'dropLast' : 'shard'} leaves no batch of ${batchSize}, as '${set.name}' has ${set.count} images` +
        `${share}. Use a smaller ${dropLast ? 'batchSize' : 'world'}.`,
    );
  }

  const orderOf = (epoch: number) => (shuffle ? new Random(seed, epoch).permutation(set.count) : undefined);
  const lastOf = (batch: number) => Math.min(count, (batch + 1) * batchSize);
  const transformed = (image: Image, epoch: number, position: number) =>
    transform ? transform(image, new Random(seed, epoch, AUGMENTATION, position)) : image;

  async function* fromMemory(images: ImageSet, epoch: number, startBatch: number): AsyncGenerator<Batch> {
    const order = orderOf(epoch);
    for (let batch = startBatch; batch < batchesPerEpoch; batch++) {
      throwIfAborted(signal, 'Loading data');
      const items: Item[] = [];
      for (let place = batch * batchSize; place < lastOf(batch); place++) {
        const position = place * world + rank;
        const index = order ? order[position]! : position;
        items.push({
          image: transformed(imageAt(images, index), epoch, position),
          label: images.labels[index]!,
        });
      }
      yield stacked(items);
    }
  }

  async function* fromFiles(files: Dataset, epoch: number, startBatch: number): AsyncGenerator<Batch> {
    const order = orderOf(epoch);
    const read = async (place: number): Promise<Item | undefined> => {
      const position = place * world + rank;
      const index = order ? order[position]! : position;
      try {
        return {
          image: transformed(await files.read(index), epoch, position),
          label: files.labels[index]!,
        };
      } catch (error) {
        if (!onBroken || !isBroken(error)) throw error;
        onBroken(error, index);
        return undefined;
      }
    };
    const items = readAhead(startBatch * batchSize, lastOf(batchesPerEpoch - 1), read, {
      // The batch that is being made, and those that wait.
      ahead: (1 + prefetch) * batchSize,
      signal,
    });
    try {
      for (let batch = startBatch; batch < batchesPerEpoch; batch++) {
        throwIfAborted(signal, 'Loading data');
        const list: Item[] = [];
        for (let place = batch * batchSize; place < lastOf(batch); place++) {
          const { value } = await items.next();
          if (value) list.push(value);
        }
        throwIfAborted(signal, 'Loading data');
        if (list.length > 0) yield stacked(list);
      }
    } finally {
      await items.return(undefined);
    }
  }

  return {
    batchesPerEpoch,
    epoch(epoch, startBatch = 0) {
      checkInteger('epoch', epoch, 0);
      checkInteger('startBatch', startBatch, 0, batchesPerEpoch);
      return 'read' in set ? fromFiles(set, epoch, startBatch) : fromMemory(set, epoch, startBatch);
    },
  };
}

interface Item {
  image: Image;
  label: number;
}

function isBroken(error: unknown): error is ResnetError {
  return ResnetError.is(error) && (error.code === 'IMAGE_INVALID' || error.code === 'FILE_UNREADABLE');
}

function validateDataset({ name, count, labels, classes }: Dataset): void {
  if (!Number.isInteger(count) || count < 1 || labels.length !== count) {
    throw new ResnetError(
      'DATA_INVALID',
      `The data set '${name}' must have at least one image and a label for each, found ${count} images and ` +
        `${labels.length} labels.`,
    );
  }
  const wrong = labels.findIndex((label) => label < 0 || label >= classes.length);
  if (wrong < 0) return;
  throw new ResnetError(
    'DATA_INVALID',
    `The data set '${name}' has ${classes.length} classes, but the label of image ${wrong} is ${labels[wrong]}.`,
  );
}

function stacked(items: Item[]): Batch {
  const { height, width, channels } = items[0]!.image;
  const size = height * width * channels;
  const images = new Uint8Array(items.length * size);
  items.forEach(({ image }, place) => {
    if (image.height !== height || image.width !== width || image.channels !== channels) {
      throw new ResnetError(
        'SHAPE_MISMATCH',
        `All images of a batch must have one size: the first is ${height} x ${width} x ${channels}, ` +
          `number ${place} is ${image.height} x ${image.width} x ${image.channels}. Check the transform.`,
      );
    }
    images.set(image.pixels, place * size);
  });
  const labels = Int32Array.from(items, ({ label }) => label);
  return { images, labels, count: items.length, height, width, channels };
}
