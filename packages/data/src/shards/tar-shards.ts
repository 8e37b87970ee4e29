import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkInteger, ResnetError, throwIfAborted } from '@resnet/core';
import { type Connection, retryPolicy } from '@resnet/files';
import { readRegularText } from '@resnet/files/node';
import { byCodePoint } from '../folders/by-code-point.js';
import { IgnoredFilesCounter } from '../folders/ignored-files.js';
import { listFolder } from '../folders/image-files.js';
import { decodeImage } from '../images/decode-image.node.js';
import {
  type EpochOrder,
  type IgnoredFiles,
  onlyStreamed,
  type Sample,
  type StreamedDataset,
} from '../sets/dataset.js';
import { readSamples } from './read-samples.js';
import { parseIndex, type ShardIndex } from './shard-index.js';
import { countFor, leavingOrder, shardsOf } from './shard-order.js';
import { byPart, chosenPart } from './shard-parts.js';
import { fetchStream, readStream } from './shard-streams.js';

export interface TarShardsOptions {
  /**
   * How many images wait to be mixed with those that follow, when shuffled; 1,000 by default. They are in memory as
   * they are stored, some 110 kB each for ImageNet's.
   */
  bufferSize?: number;
  /**
   * Where the shards are of several parts, as 'imagenet1k-train-0000.tar' and 'imagenet1k-validation-00.tar' are, the one to
   * read: what stands before the number, or one word of it ('train').
   */
  part?: string;
  /** The classes' names; by default what the index says, else their numbers. */
  classes?: readonly string[];
  /** Hears how many shards have been counted, where there is no index. */
  onProgress?: (counted: number, shards: number) => void;
  signal?: AbortSignal;
}

/**
 * Opens tar shards in WebDataset's form, from a folder or over HTTP, as `resnet data shard` and the webdataset package
 * for Python write them: for each image a file of it and one, `.cls`, with its class's number. They are read from
 * one end to the other, so that neither memory nor a disk need hold them. Shuffled, the shards come in a new order
 * every epoch, and their images leave a buffer in random order.
 *
 * @param source a folder with .tar files and, if it can be, their `index.json`; or the address of such an index
 * @throws DATA_MISSING if there is no shard, or no index at the address; DATA_INVALID if the index, or a shard that has
 *   to be counted, is damaged; FILE_UNREADABLE, DOWNLOAD_FAILED or DOWNLOAD_FORBIDDEN if it can't be read;
 *   OPTION_INVALID if an option is, or no part is chosen of several; UNKNOWN_NAME if there is no such part; ABORTED. While
 *   streaming, the same of the shards, and DATA_INVALID if one holds another number of images than the index says, or a class
 *   that is none
 */
export async function tarShards(source: string, options: TarShardsOptions = {}): Promise<StreamedDataset> {
  const { bufferSize = 1000, signal } = options;
  checkInteger('bufferSize', bufferSize, 1);
  const isRemote = /^https?:\/\//.test(source);
  const open = (file: string, during?: AbortSignal) =>
    isRemote
      ? fetchStream(new URL(file, source).href, connectionFor(during))
      : readStream(join(source, file));
  const index = isRemote
    ? ofPart(source, await fetchIndex(source, signal), options.part)
    : await folderIndex(source, open, options);
  const { shards, ignored = [] } = index;
  const counts = shards.map(({ count }) => count);
  const firsts: number[] = [];
  let total = 0;
  for (const count of counts) {
    firsts.push(total);
    total += count;
  }
  const classes = options.classes ?? index.classes;
  if (!classes) {
    throw new ResnetError('OPTION_INVALID', `The index of '${source}' names no classes. Give them: classes.`);
  }

  async function* stream(order: EpochOrder, first: number, during?: AbortSignal) {
    const positions = shardsOf(shards.length, order);
    const count = positions.reduce((sum, position) => sum + counts[position]!, 0);
    const leaving = leavingOrder(count, bufferSize, order);
    const gone = new Uint8Array(count);
    for (let skipped = 0; skipped < first; skipped++) gone[leaving.next().value!] = 1;

    // Images by their position in this epoch's reading.
    const waiting = new Map<number, Sample>();
    const arriving = arrivals(positions, gone, during);
    try {
      for (const position of leaving) {
        while (!waiting.has(position)) {
          const { value } = await arriving.next();
          // All have been counted, so that the one that leaves next has come or comes.
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

  async function* arrivals(positions: number[], gone: Uint8Array, during?: AbortSignal) {
    let begin = 0;
    for (const shard of positions) {
      const { file, count } = shards[shard]!;
      const end = begin + count;
      // What comes before a resumed position need not be read.
      if (!gone.subarray(begin, end).every(Boolean)) {
        let position = 0;
        // Held back until the next one has come, so that even the last one shows a shard with more images.
        let held: [number, Sample] | undefined;
        for await (const sample of readSamples(open(file, during), file)) {
          throwIfAborted(during, 'Reading shards');
          if (position === count) throw otherCount(file, count, 'more');
          if (held) yield held;
          held = undefined;
          if (sample.label >= classes!.length) {
            throw new ResnetError(
              'DATA_INVALID',
              `The classes in '${file}' must be from 0 to ${classes!.length - 1}, found ${sample.label} for ${sample.key}.`,
            );
          }
          if (!gone[begin + position]) {
            const { key, encoded, label } = sample;
            const name = `${key} in ${file}`;
            const index = firsts[shard]! + position;
            const read: Sample['read'] = (admit) => decodeImage(encoded, name, admit);
            held = [begin + position, { index, label, name, read, stored: async () => encoded }];
          }
          position++;
        }
        if (position < count) throw otherCount(file, count, String(position));
        if (held) yield held;
      }
      begin = end;
    }
  }

  const name = isRemote ? dirname(source) : source;
  return {
    name,
    count: total,
    classes,
    ignored,
    countFor: (world) => countFor(counts, world),
    stream,
    async read() {
      throw onlyStreamed(name);
    },
  };
}

async function fetchIndex(url: string, signal: AbortSignal | undefined): Promise<ShardIndex> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of fetchStream(url, connectionFor(signal))) {
    bytes += chunk.length;
    if (bytes > MOST_INDEX_BYTES) {
      throw new ResnetError(
        'DATA_INVALID',
        `'${url}' must be an index of tar shards, found more than ${MOST_INDEX_BYTES} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return parseIndex(Buffer.concat(chunks).toString(), url);
}

/** Of 13,000 shards, as ImageNet-21k would have, it has 1 MB. */
const MOST_INDEX_BYTES = 2 ** 24;

/** The index of a folder; where there is none, the shards are counted. */
async function folderIndex(
  folder: string,
  open: (file: string) => AsyncIterable<Uint8Array>,
  options: TarShardsOptions,
): Promise<ShardIndex & { ignored: IgnoredFiles[] }> {
  const { onProgress, signal } = options;
  const names = await readdir(folder).catch((cause) => {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must be a folder of tar shards, found: ${cause.message}.`,
      {
        cause,
      },
    );
  });
  if (names.includes('index.json')) {
    const path = join(folder, 'index.json');
    const text = await readRegularText(path, MOST_INDEX_BYTES).catch((cause) => {
      throw new ResnetError('FILE_UNREADABLE', `'${path}' can't be read: ${cause.message}.`, { cause });
    });
    const index = parseIndex(text, path);
    const chosen = ofPart(folder, index, options.part);
    const missing = chosen.shards.find(({ file }) => !names.includes(file));
    const ignored = new IgnoredFilesCounter();
    const known = new Set(index.shards.map(({ file }) => file));
    for (const name of names.filter(isShardName))
      if (!known.has(name)) ignored.add('not in index.json', name);
    if (!missing) return { ...chosen, ignored: ignored.list() };
    throw new ResnetError('DATA_MISSING', `'${folder}' must hold ${missing.file}, which its index names.`);
  }
  const all = names.filter(isShardName).sort(byCodePoint);
  if (all.length === 0) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must hold tar shards, found none. Make some with \`resnet data shard\`.`,
    );
  }
  const files = chosenPart(folder, all, options.part);
  const ignored = new IgnoredFilesCounter();
  for (const name of names) if (!isShardName(name)) ignored.add('beside the shards', name);
  const shards: ShardIndex['shards'] = [];
  let most = 0;
  for (const file of files) {
    let count = 0;
    for await (const { label } of readSamples(open(file), join(folder, file), ignored)) {
      throwIfAborted(signal, 'Counting images');
      most = Math.max(most, label);
      count++;
    }
    shards.push({ file, count });
    onProgress?.(shards.length, files.length);
  }
  if (most >= MOST_CLASSES) {
    throw new ResnetError(
      'DATA_INVALID',
      `Classes in '${basename(folder)}' must be below ${MOST_CLASSES}, found ${most}.`,
    );
  }
  if (shards.every(({ count }) => count === 0)) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must hold shards with images, found ${shards.length} empty ones.`,
    );
  }
  const classes = Array.from({ length: most + 1 }, (_, label) => String(label));
  return { shards, classes, ignored: ignored.list() };
}

export function isShardName(name: string): boolean {
  return name.endsWith('.tar') && !name.startsWith('.');
}

/** The names of the parts that shards are of, of a folder or of an index at an address: what stands before their numbers. */
export async function shardParts(source: string): Promise<string[]> {
  const files = /^https?:/.test(source)
    ? (await fetchIndex(source, undefined)).shards.map(({ file }) => file)
    : (await listFolder(source)).files.filter(isShardName);
  return [...byPart(files).keys()];
}

/** What an index says of one part. */
function ofPart(
  source: string,
  { shards, classes }: ShardIndex,
  part: string | undefined,
): ShardIndex & { ignored?: IgnoredFiles[] } {
  const chosen = new Set(
    chosenPart(
      source,
      shards.map(({ file }) => file),
      part,
    ),
  );
  return { shards: shards.filter(({ file }) => chosen.has(file)), classes };
}

const MOST_CLASSES = 1_000_000;

function connectionFor(signal: AbortSignal | undefined): Connection {
  return { retry: retryPolicy(), signal };
}

function otherCount(file: string, expected: number, found: string): ResnetError {
  return new ResnetError(
    'DATA_INVALID',
    `The shard '${file}' must hold ${expected} images, as the index says, found ${found}. Get or make it again.`,
  );
}
