import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ResnetError, throwIfAborted } from '@resnet/core';
import { readRegularText, unreadable } from '@resnet/files/node';
import { byCodePoint } from '../folders/by-code-point.js';
import { IgnoredFilesCounter } from '../folders/ignored-files.js';
import { listFolder } from '../folders/image-files.js';
import type { IgnoredFiles } from '../sets/dataset.js';
import { readSamples } from './read-samples.js';
import { parseIndex, type ShardIndex } from './shard-index.js';
import { byPart, chosenPart } from './shard-parts.js';
import { fetchStream, isAddress, openShard } from './shard-streams.js';
import type { TarShardsOptions } from './tar-shards.js';

/** An index of 13,000 shards, as ImageNet-21k would have, takes 1 MB. */
const MOST_INDEX_BYTES = 2 ** 24;

const MOST_CLASSES = 1_000_000;

type FindOptions = Pick<TarShardsOptions, 'part' | 'onProgress' | 'signal'>;

export interface FoundShards extends ShardIndex {
  ignored?: IgnoredFiles[];
}

export function isShardName(name: string): boolean {
  return name.endsWith('.tar') && !name.startsWith('.');
}

/** The shards of one part, with the number of images of each: from the index, or else counted. @throws as `tarShards` */
export async function findShards(source: string, options: FindOptions): Promise<FoundShards> {
  if (!isAddress(source)) return findInFolder(source, options);
  return ofPart(source, await fetchIndex(source, options.signal), options.part);
}

/** The names of the parts of the shards in a folder or in an index at an address. */
export async function shardParts(source: string): Promise<string[]> {
  const files = isAddress(source)
    ? (await fetchIndex(source, undefined)).shards.map(({ file }) => file)
    : (await listFolder(source)).files.filter(isShardName);
  return [...byPart(files).keys()];
}

async function fetchIndex(url: string, signal: AbortSignal | undefined): Promise<ShardIndex> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of fetchStream(url, signal)) {
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

async function findInFolder(folder: string, options: FindOptions): Promise<FoundShards> {
  const names = await readdir(folder).catch((cause) => {
    const message = `'${folder}' must be a folder of tar shards, found: ${cause.message}.`;
    throw new ResnetError('DATA_MISSING', message, { cause });
  });
  const shardNames = names.filter(isShardName).sort(byCodePoint);
  if (names.includes('index.json')) return readIndex(folder, shardNames, options.part);
  if (shardNames.length === 0) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must hold tar shards, found none. Make some with \`resnet data shard\`.`,
    );
  }
  const ignored = new IgnoredFilesCounter();
  for (const name of names) if (!isShardName(name)) ignored.add('beside the shards', name);
  const counted = await countImages(folder, chosenPart(folder, shardNames, options.part), ignored, options);
  return { ...counted, ignored: ignored.list() };
}

async function readIndex(
  folder: string,
  shardNames: readonly string[],
  part: string | undefined,
): Promise<FoundShards> {
  const path = join(folder, 'index.json');
  const text = await readRegularText(path, MOST_INDEX_BYTES).catch((cause) => {
    throw unreadable(path, cause);
  });
  const index = parseIndex(text, path);
  const chosen = ofPart(folder, index, part);
  const missing = chosen.shards.find(({ file }) => !shardNames.includes(file));
  if (missing) {
    throw new ResnetError('DATA_MISSING', `'${folder}' must hold ${missing.file}, which its index names.`);
  }
  const ignored = new IgnoredFilesCounter();
  const known = new Set(index.shards.map(({ file }) => file));
  for (const name of shardNames) if (!known.has(name)) ignored.add('not in index.json', name);
  return { ...chosen, ignored: ignored.list() };
}

/** Reads whole shards to count their images and classes. */
async function countImages(
  folder: string,
  files: readonly string[],
  ignored: IgnoredFilesCounter,
  { onProgress, signal }: FindOptions,
): Promise<ShardIndex> {
  const shards: ShardIndex['shards'] = [];
  let most = 0;
  for (const file of files) {
    let count = 0;
    for await (const { label } of readSamples(openShard(folder, file), join(folder, file), ignored)) {
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
  return { shards, classes: Array.from({ length: most + 1 }, (_, label) => String(label)) };
}

/** The shards of one part of an index. */
function ofPart(source: string, { shards, classes }: ShardIndex, part: string | undefined): ShardIndex {
  const files = shards.map(({ file }) => file);
  const chosen = new Set(chosenPart(source, files, part));
  return { shards: shards.filter(({ file }) => chosen.has(file)), classes };
}
