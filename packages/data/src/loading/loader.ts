import { checkInteger, ResnetError, throwIfAborted } from '@resnet/core';
import { type Dataset, labelsOf } from '../sets/dataset.js';
import type { ImageSet } from '../sets/image-set.js';
import { toDataset } from '../sets/to-dataset.js';
import type { Mixing } from '../transforms/mixing.js';
import { originOf } from '../transforms/remake.js';
import type { Transform } from '../transforms/transform.js';
import type { Batch } from './batch.js';
import { batchSource } from './batch-source.js';
import type { BatchSteps } from './make-batch.js';
import { readAhead } from './read-ahead.js';
import { countFor } from './samples.js';
import { WorkerPool } from './workers/pool.js';

/** More threads than machines have, but few enough for any system to start. */
export const MOST_WORKERS = 256;
const MOST_PREFETCHED = 1000;

export interface LoaderOptions {
  /** Images per batch, at least 1. */
  batchSize: number;
  /** Decides the order and the augmentation; 0 by default. */
  seed?: number;
  /** Whether each epoch has a new random order; by default the set's order is kept. */
  shuffle?: boolean;
  /** Applied to every image; all its results must have one size. */
  transform?: Transform;
  /** Applied to every batch: mixup or cutmix. */
  mixing?: Mixing;
  /** Whether the last batch is left out if it is not full; by default it is kept. */
  dropLast?: boolean;
  /**
   * [rank, world], for several machines that share an epoch: this loader gives every `world`-th image of the order, from
   * position `rank` on. All machines get equally many images; the remainder of an epoch is left out.
   */
  shard?: readonly [number, number];
  /**
   * Threads that decode and transform, each a whole batch at a time. With 0, the default, the platform's threads decode, and
   * transforms run in this thread. The batches are the same with any number.
   */
  workers?: number;
  /** Batches that are made in advance; 2 by default. Not used for a set in memory without workers. */
  prefetch?: number;
  /**
   * Called with each broken image, which is then left out of its batch; `index` is its index in the set. By default the first
   * broken image ends the epoch with its error.
   */
  onBroken?: (error: ResnetError, index: number) => void;
  /** Called when a worker has died, whose work another one then does; by default a warning is printed. */
  onWorkerLost?: (error: ResnetError) => void;
  /** Ends an epoch between two batches. */
  signal?: AbortSignal;
}

export interface Loader {
  readonly batchesPerEpoch: number;
  /**
   * The batches of an epoch, from the batch `startBatch` on (0 by default). They depend only on the seed and these numbers, so
   * that a run that was stopped resumes with exactly the batches that remain.
   *
   * @throws OPTION_INVALID if `epoch` is not an integer of at least 0, or `startBatch` not one from 0 to
   *   `batchesPerEpoch`; while iterating, SHAPE_MISMATCH if the transform gives images of several sizes, ABORTED after
   *   the signal, and what reading an image throws, unless `onBroken` is given
   */
  epoch(epoch: number, startBatch?: number): AsyncIterable<Batch>;
  /** Ends the workers. They don't keep the process alive, but they use memory. */
  close(): void;
}

/**
 * Reads a data set in batches. The order depends only on (seed, epoch), and the augmentation of an image only on
 * (seed, epoch, its position in the epoch).
 *
 * @throws OPTION_INVALID if an option is out of range, no batch would be full with `dropLast`, or a transform can't be
 *   sent to workers; DATA_INVALID if the set is empty or inconsistent
 */
export function loader(given: ImageSet | Dataset, options: LoaderOptions): Loader {
  const set = toDataset(given);
  validateDataset(set);
  checkOptions(options);
  const { batchSize, seed = 0, shuffle = false, shard = [0, 1], workers = 0, prefetch = 2 } = options;
  const { transform, mixing, onBroken, signal } = options;
  const count = countFor(set, shard[1]);
  const batchesPerEpoch = countBatches(set, count, options);
  const steps = { transform, mixing, skipsBroken: onBroken !== undefined };
  const pool = workers === 0 ? undefined : startPool(workers, steps, options.onWorkerLost);

  async function* batches(epoch: number, startBatch: number): AsyncGenerator<Batch> {
    const end = new AbortController();
    const order = { seed, epoch, isShuffled: shuffle, shard };
    const make = batchSource({ set, count, batchSize, order, steps, pool }, startBatch, end.signal);
    const ahead = set.isInMemory && !pool ? 1 : 1 + Math.max(workers, prefetch);
    const made = readAhead(startBatch, batchesPerEpoch, make, { ahead, signal });
    try {
      for (;;) {
        throwIfAborted(signal, 'Loading data');
        const { value } = await made.next();
        throwIfAborted(signal, 'Loading data');
        if (!value) return;
        for (const { error, index } of value.broken) onBroken?.(error, index);
        if (value.batch) yield value.batch;
      }
    } finally {
      end.abort(
        new ResnetError('ABORTED', 'Loading data was stopped, as nobody takes the batches any more.'),
      );
      await made.return(undefined);
    }
  }

  return {
    batchesPerEpoch,
    epoch(epoch, startBatch = 0) {
      checkInteger('epoch', epoch, 0);
      checkInteger('startBatch', startBatch, 0, batchesPerEpoch);
      return batches(epoch, startBatch);
    },
    close: () => pool?.close(),
  };
}

function checkOptions({ batchSize, seed = 0, workers = 0, prefetch = 2, shard = [0, 1] }: LoaderOptions) {
  const [rank, world] = shard;
  checkInteger('batchSize', batchSize, 1);
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  checkInteger('workers', workers, 0, MOST_WORKERS);
  checkInteger('prefetch', prefetch, 0, MOST_PREFETCHED);
  checkInteger("shard's world", world, 1);
  checkInteger("shard's rank", rank, 0, world - 1);
}

/** How many batches `count` images make. @throws OPTION_INVALID if none */
function countBatches(set: Dataset, count: number, { batchSize, dropLast, shard }: LoaderOptions): number {
  const batches = dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
  if (batches > 0) return batches;
  const share = shard && shard[1] > 1 ? ` and a shard ${count} of them` : '';
  throw new ResnetError(
    'OPTION_INVALID',
    `${dropLast ? 'dropLast' : 'shard'} leaves no batch of ${batchSize}, as '${set.name}' has ${set.count} images` +
      `${share}. Use a smaller ${dropLast ? 'batchSize' : 'world'}.`,
  );
}

function startPool(
  workers: number,
  { transform, mixing, skipsBroken }: BatchSteps,
  onLost: LoaderOptions['onWorkerLost'] = (error) => console.warn(error.message),
): WorkerPool {
  const setup = {
    transform: transform && originOf('transform', transform),
    mixing: mixing && originOf('mixing', mixing),
    skipsBroken,
  };
  return new WorkerPool(workers, setup, onLost);
}

function validateDataset(set: Dataset): void {
  const { name, count, classes } = set;
  if (!Number.isInteger(count) || count < 1) {
    throw new ResnetError(
      'DATA_INVALID',
      `The data set '${name}' must have at least one image, found ${count}.`,
    );
  }
  // The labels of a streamed set are known only when its images are read.
  if (set.stream) return;
  const labels = labelsOf(set);
  if (labels.length !== count) {
    throw new ResnetError(
      'DATA_INVALID',
      `The data set '${name}' must have a label for each of its ${count} images, found ${labels.length} labels.`,
    );
  }
  const wrong = labels.findIndex((label) => label < 0 || label >= classes.length);
  if (wrong < 0) return;
  throw new ResnetError(
    'DATA_INVALID',
    `The data set '${name}' has ${classes.length} classes, but the label of image ${wrong} is ${labels[wrong]}.`,
  );
}
