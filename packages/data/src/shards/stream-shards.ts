import { ResnetError, throwIfAborted } from '@resnet/core';
import { decodeImage } from '../images/decode-image.node.js';
import type { EpochOrder, Sample } from '../sets/dataset.js';
import { readSamples, type ShardSample } from './read-samples.js';
import { leavingOrder, shardsOf } from './shard-order.js';
import { openShard } from './shard-streams.js';

/** Shards whose images have been counted. */
export interface CountedShards {
  /** The folder of the shards, or the address of their index. */
  source: string;
  shards: CountedShard[];
  classes: readonly string[];
}

interface CountedShard {
  file: string;
  count: number;
  /** The index in the set of the shard's first image. */
  first: number;
}

/**
 * The images of an epoch, as `StreamedDataset.stream` gives them.
 *
 * @param options.first how many images to leave out at the beginning
 * @param options.bufferSize how many images wait to be mixed with those that follow, at least 1
 */
export async function* streamShards(
  set: CountedShards,
  order: EpochOrder,
  { first, bufferSize, signal }: { first: number; bufferSize: number; signal: AbortSignal | undefined },
): AsyncGenerator<Sample, void> {
  const shards = shardsOf(set.shards.length, order).map((index) => set.shards[index]!);
  const count = shards.reduce((sum, shard) => sum + shard.count, 0);
  const leaving = leavingOrder(count, bufferSize, order);
  const isLeftOut = new Uint8Array(count);
  for (let number = 0; number < first; number++) isLeftOut[leaving.next().value!] = 1;

  // Images by their position in the order in which this epoch reads them.
  const waiting = new Map<number, Sample>();
  const arriving = arrivals(set, shards, isLeftOut, signal);
  try {
    for (const position of leaving) {
      while (!waiting.has(position)) {
        const { value } = await arriving.next();
        // All images have been counted, so the next one to leave has arrived or will arrive.
        const [arrived, sample] = value!;
        waiting.set(arrived, sample);
      }
      yield waiting.get(position)!;
      waiting.delete(position);
    }
  } finally {
    await arriving.return();
  }
}

/** Images in the order in which they are read, with their position in it. */
async function* arrivals(
  set: CountedShards,
  shards: readonly CountedShard[],
  isLeftOut: Uint8Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<[number, Sample], void> {
  let begin = 0;
  for (const shard of shards) {
    // A shard of which nothing is needed is not read.
    if (!isLeftOut.subarray(begin, begin + shard.count).every(Boolean)) {
      let number = 0;
      for await (const sample of checkedSamples(set, shard, signal)) {
        if (!isLeftOut[begin + number]) yield [begin + number, toSample(sample, shard, number)];
        number++;
      }
    }
    begin += shard.count;
  }
}

function toSample({ key, encoded, label }: ShardSample, shard: CountedShard, number: number): Sample {
  const name = `${key} in ${shard.file}`;
  return {
    index: shard.first + number,
    label,
    name,
    read: (admit) => decodeImage(encoded, name, admit),
    stored: async () => encoded,
  };
}

/** @throws DATA_INVALID if the shard has another number of images than was counted, or a class that is none of the set's */
async function* checkedSamples(
  { source, classes }: CountedShards,
  { file, count }: CountedShard,
  signal: AbortSignal | undefined,
): AsyncGenerator<ShardSample, void> {
  let read = 0;
  // Each sample is held back until the next one has been read, so that a shard with too many images gives none too many.
  let held: ShardSample | undefined;
  for await (const sample of readSamples(openShard(source, file, signal), file)) {
    throwIfAborted(signal, 'Reading shards');
    if (read++ === count) throw otherCount(file, count, 'more');
    if (held) yield held;
    if (sample.label >= classes.length) {
      throw new ResnetError(
        'DATA_INVALID',
        `The classes in '${file}' must be from 0 to ${classes.length - 1}, found ${sample.label} for ${sample.key}.`,
      );
    }
    held = sample;
  }
  if (read < count) throw otherCount(file, count, String(read));
  if (held) yield held;
}

function otherCount(file: string, expected: number, found: string): ResnetError {
  return new ResnetError(
    'DATA_INVALID',
    `The shard '${file}' must hold ${expected} images, as the index says, found ${found}. Get or make it again.`,
  );
}
