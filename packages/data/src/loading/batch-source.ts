import type { Image } from '../images/image.js';
import type { Dataset, EpochOrder, Sample } from '../sets/dataset.js';
import { type BatchPlan, type BatchSteps, type MadeBatch, makeBatch } from './make-batch.js';
import { indicesOf, sampleAt } from './samples.js';
import type { BatchJob } from './workers/messages.js';
import type { WorkerPool } from './workers/pool.js';

/** What the batches of an epoch are made of, and how. */
export interface EpochSource {
  set: Dataset;
  /** The images of the epoch. */
  count: number;
  batchSize: number;
  order: EpochOrder;
  steps: BatchSteps;
  /** Without it, batches are made in this thread. */
  pool: WorkerPool | undefined;
}

/**
 * Makes the batches of an epoch.
 *
 * @param ended whose reason ends batches that are being made
 * @returns makes a batch, given its index in the epoch; to be called in their order, from `startBatch` on
 */
export function batchSource(
  source: EpochSource,
  startBatch: number,
  ended: AbortSignal,
): (batch: number) => Promise<MadeBatch> {
  const { set, steps, pool } = source;
  const take = set.stream ? takeStreamed(source, startBatch, ended) : takeByIndex(source);
  return async (batch) => {
    const taken = await take(batch);
    const plan = planOf(source, batch, taken);
    if (!pool) return makeBatch(plan, (slot, admit) => taken[slot]!.read(admit), steps, set.isInMemory);
    const inputs = await Promise.all(taken.map(async (sample) => sendable(await sample.stored())));
    return pool.run({ plan, inputs, names: taken.map(({ name }) => name) }, ended);
  };
}

/** The samples of a batch. */
type Take = (batch: number) => Promise<Sample[]>;

function takeByIndex(source: EpochSource): Take {
  const indices = indicesOf(source.set, source.order);
  return async (batch) => {
    const taken = indices.subarray(firstOf(source, batch), firstOf(source, batch + 1));
    return Array.from(taken, (index) => sampleAt(source.set, index));
  };
}

function takeStreamed(source: EpochSource, startBatch: number, ended: AbortSignal): Take {
  const samples = source.set.stream!(source.order, firstOf(source, startBatch), ended);
  ended.addEventListener('abort', () => void samples.return());
  return inTurn(async (batch) => {
    const taken: Sample[] = [];
    while (taken.length < firstOf(source, batch + 1) - firstOf(source, batch)) {
      const { value } = await samples.next();
      // A set that ends early has reported it itself.
      if (!value) break;
      taken.push(value);
    }
    return taken;
  });
}

/** The number of images before a batch. */
function firstOf({ count, batchSize }: EpochSource, batch: number): number {
  return Math.min(count, batch * batchSize);
}

function planOf(
  source: EpochSource,
  batch: number,
  samples: readonly Pick<Sample, 'index' | 'label'>[],
): BatchPlan {
  const { seed, epoch, shard } = source.order;
  const [rank, world] = shard;
  const first = firstOf(source, batch);
  return {
    seed,
    epoch,
    batch,
    samples: samples.map(({ index, label }, slot) => ({
      index,
      label,
      position: (first + slot) * world + rank,
    })),
  };
}

/** What is sent to a worker, which makes an image of it. */
function sendable(stored: string | Uint8Array | Image): BatchJob['inputs'][number] {
  if (typeof stored === 'string') return stored;
  return stored instanceof Uint8Array ? compact(stored) : { ...stored, pixels: compact(stored.pixels) };
}

/** Bytes with a buffer of exactly their size, as a view is sent with its whole buffer. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** The same function, whose next call begins when the last one has ended. */
function inTurn<Given, Result>(work: (given: Given) => Promise<Result>): (given: Given) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (given) => {
    const next = last.then(() => work(given));
    last = next.catch(() => {});
    return next;
  };
}
