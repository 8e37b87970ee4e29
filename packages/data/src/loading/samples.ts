import { Random, ResnetError, throwIfAborted } from '@resnet/core';
import { type Dataset, type EpochOrder, labelsOf, noSuchIndex, type Sample } from '../sets/dataset.js';
import type { ImageSet } from '../sets/image-set.js';
import { toDataset } from '../sets/to-dataset.js';
import { type Admit, readAhead } from './read-ahead.js';

/** All images of a set in its own order. */
const IN_ORDER: EpochOrder = { seed: 0, epoch: 0, isShuffled: false, shard: [0, 1] };

/** How many images each of `world` machines gets in an epoch. */
export function countFor(set: Pick<Dataset, 'count' | 'countFor'>, world: number): number {
  return set.countFor?.(world) ?? Math.floor(set.count / world);
}

/** The indices of an epoch's images, in its order. */
export function indicesOf(
  set: Pick<Dataset, 'count' | 'countFor'>,
  { seed, epoch, isShuffled, shard: [rank, world] }: EpochOrder,
): Uint32Array {
  const all = isShuffled
    ? new Random(seed, epoch).permutation(set.count)
    : Uint32Array.from({ length: set.count }, (_, index) => index);
  if (world === 1) return all;
  return Uint32Array.from({ length: countFor(set, world) }, (_, number) => all[number * world + rank]!);
}

export function sampleAt(set: Dataset, index: number): Sample {
  return {
    index,
    label: labelsOf(set)[index]!,
    name: `image ${index} of ${set.name}`,
    read: (admit) => set.read(index, admit),
    stored: () => (set.encoded ? set.encoded(index) : set.read(index)),
  };
}

/**
 * The results of `work` for each sample of a set, in the set's order; up to `ahead` samples are worked on at a time.
 *
 * @param work awaits `admit` before it allocates memory
 */
export async function* eachSample<T>(
  set: Dataset,
  work: (sample: Sample, admit: Admit) => Promise<T>,
  { ahead, signal }: { ahead: number; signal?: AbortSignal | undefined },
): AsyncGenerator<T, void> {
  const streamed = set.stream?.(IN_ORDER, 0, signal);
  const next = async (index: number, admit: Admit) => {
    const sample = streamed ? (await streamed.next()).value : sampleAt(set, index);
    if (sample) return work(sample, admit);
    throw endedEarly(set);
  };
  try {
    yield* readAhead(0, set.count, next, { ahead, signal });
  } finally {
    await streamed?.return();
  }
}

/**
 * The samples of a set at `indices`, in that order. A set that can only be streamed is read up to the last of them, and the files
 * of these samples are kept in memory.
 *
 * @throws OPTION_INVALID if the set has no such index; ABORTED; what streaming the set throws
 */
export async function samplesAt(
  given: ImageSet | Dataset,
  indices: readonly number[],
  signal?: AbortSignal,
): Promise<Sample[]> {
  const set = toDataset(given);
  const wrong = indices.find((index) => !(Number.isInteger(index) && index >= 0 && index < set.count));
  if (wrong !== undefined) throw noSuchIndex(set.name, set.count, wrong);
  if (!set.stream) return indices.map((index) => sampleAt(set, index));
  const wanted = new Set(indices);
  const found = new Map<number, Sample>();
  for await (const sample of set.stream(IN_ORDER, 0, signal)) {
    throwIfAborted(signal, 'Reading images');
    if (wanted.has(sample.index)) found.set(sample.index, sample);
    if (found.size === wanted.size) break;
  }
  return indices.map((index) => {
    const sample = found.get(index);
    if (!sample) throw endedEarly(set);
    return sample;
  });
}

function endedEarly({ name, count }: Dataset): ResnetError {
  return new ResnetError('DATA_INVALID', `'${name}' must have ${count} images, found fewer.`);
}
