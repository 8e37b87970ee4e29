import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkInteger, Random, ResnetError, throwIfAborted } from '@resnet/core';
import { removeTemporaries, takeLock, writeWholeFile } from '@resnet/files/node';
import { packTar } from 'modern-tar';
import { readImageFile } from '../images/decode-image.node.js';
import { imageFormat } from '../images/headers/image-format.js';
import { imageInvalid } from '../images/image-limits.js';
import { loadSharp } from '../images/load-sharp.js';
import { uncompressedFormat } from '../images/uncompressed/uncompressed-format.js';
import { type Dataset, labelsOf } from '../sets/dataset.js';
import type { ImageSet } from '../sets/image-set.js';
import { toDataset } from '../sets/to-dataset.js';
import { formatIndex, type ShardIndex } from './shard-index.js';

export interface WriteShardsOptions {
  /** Images per shard, at least 1; 1,000 by default, which take some 110 MB for ImageNet. */
  imagesPerShard?: number;
  /** Decides the order in which images are put into shards; 0 by default. */
  seed?: number;
  onProgress?: (written: number, images: number) => void;
  signal?: AbortSignal;
}

interface TarOptions {
  first: number;
  end: number;
  onProgress: WriteShardsOptions['onProgress'];
  signal: AbortSignal | undefined;
}

/** Describes unfinished work in a folder of shards, until its index is written. */
interface Journal {
  set: string;
  count: number;
  imagesPerShard: number;
  seed: number;
}

const JOURNAL = '.unfinished.json';
const OURS = /^(shard-\d{6,}\.tar|index\.json|\.unfinished\.json)$/;

/**
 * Writes a data set as tar shards in WebDataset's form, in random order, with an `index.json` for `tarShards`: image
 * files as they are, sets in memory as PNG. Shards appear whole. A call that repeats an interrupted one keeps the shards that are
 * already written.
 *
 * @param folder created if missing; it must hold no shards of another set
 * @throws OPTION_INVALID if an option is out of range, the set is only streamed, or the folder holds other shards; FILE_BUSY while another process
 *   writes there; FILE_UNWRITABLE; ABORTED; what reading the set throws
 */
export async function writeShards(
  given: Dataset | ImageSet,
  folder: string,
  options: WriteShardsOptions = {},
): Promise<void> {
  const { imagesPerShard = 1000, seed = 0 } = options;
  const set = toDataset(given);
  labelsOf(set);
  checkInteger('imagesPerShard', imagesPerShard, 1);
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  throwIfAborted(options.signal, 'Writing shards');
  await writing(folder, () => mkdir(folder, { recursive: true }));
  const { lock, owner } = await takeLock(join(folder, 'shards'));
  if (!lock) {
    const message = `'${folder}' is being written to by ${owner}. Wait for its end, or give another folder.`;
    throw new ResnetError('FILE_BUSY', message);
  }
  const checkLock = async () => {
    if (await lock.isHeld()) return;
    const message = `Another process has taken over '${folder}', as this one gave no sign of life for minutes.`;
    throw new ResnetError('FILE_BUSY', message);
  };
  await writeAlone(set, folder, { ...options, imagesPerShard, seed }, checkLock).finally(() =>
    lock.release(),
  );
}

async function writeAlone(
  set: Dataset,
  folder: string,
  options: WriteShardsOptions & { imagesPerShard: number; seed: number },
  checkLock: () => Promise<void>,
): Promise<void> {
  const { imagesPerShard, seed, onProgress, signal } = options;
  const journal: Journal = { set: set.name, count: set.count, imagesPerShard, seed };
  const written = await prepare(folder, journal);
  const order = new Random(seed).permutation(set.count);
  const shardCount = Math.ceil(set.count / imagesPerShard);
  const shards: ShardIndex['shards'] = [];
  for (let shard = 0; shard < shardCount; shard++) {
    const [first, end] = [shard * imagesPerShard, Math.min(set.count, (shard + 1) * imagesPerShard)];
    const file = `shard-${String(shard).padStart(6, '0')}.tar`;
    shards.push({ file, count: end - first });
    if (written.has(file)) continue;
    const tar = tarOf(set, order, { first, end, onProgress, signal });
    await writeWholeFile(join(folder, file), tar, { beforeRename: checkLock });
    onProgress?.(end, set.count);
  }
  const index = formatIndex({ shards, classes: [...set.classes] });
  await writeWholeFile(join(folder, 'index.json'), index, { beforeRename: checkLock });
  await rm(join(folder, JOURNAL));
}

/** Prepares the folder. @returns the shards that an interrupted call has left */
async function prepare(folder: string, journal: Journal): Promise<Set<string>> {
  const path = join(folder, JOURNAL);
  const text = JSON.stringify(journal);
  const names = await writing(folder, () => readdir(folder));
  const others = names.filter((name) => name.endsWith('.tar') || name === 'index.json');
  const before = names.includes(JOURNAL) ? await readFile(path, 'utf8') : undefined;
  const isSame = before === text;
  if (before !== undefined && !before.startsWith('{"set":')) others.unshift(JOURNAL);
  if (others.length > 0 && !(isSame && !others.includes('index.json'))) {
    throw new ResnetError(
      'OPTION_INVALID',
      `'${folder}' already holds ${others[0]}, which is not an unfinished part of this work. Give another folder.`,
    );
  }
  await writing(folder, () => removeTemporaries(folder, (name) => OURS.test(name)));
  await writeWholeFile(path, text);
  return new Set(others.filter((name) => !name.startsWith('.')));
}

/** A tar of the images at `first` to `end` (excluded) of the order, piece by piece. */
async function* tarOf(
  set: Dataset,
  order: Uint32Array,
  { first, end, onProgress, signal }: TarOptions,
): AsyncGenerator<Uint8Array, void> {
  for (let position = first; position < end; position++) {
    throwIfAborted(signal, 'Writing shards');
    const index = order[position]!;
    const key = String(position).padStart(8, '0');
    const { bytes, ending } = await stored(set, index);
    yield* tarEntry(`${key}.${ending}`, bytes);
    yield* tarEntry(`${key}.cls`, new TextEncoder().encode(String(labelsOf(set)[index])));
    onProgress?.(position + 1, set.count);
  }
  yield new Uint8Array(TAR_END);
}

/** Zeros that end a tar. */
const TAR_END = 1024;

async function* tarEntry(name: string, body: Uint8Array): AsyncGenerator<Uint8Array, void> {
  const header = { name, size: body.length, type: 'file', mode: 0o644, mtime: new Date(0) } as const;
  const tar = await packTar([{ header, body }]);
  yield tar.subarray(0, -TAR_END);
}

/** The bytes of an image file, and its extension. */
async function stored(set: Dataset, index: number): Promise<{ bytes: Uint8Array; ending: string }> {
  if (set.encoded) {
    const encoded = await set.encoded(index);
    const bytes = typeof encoded === 'string' ? await readImageFile(encoded) : encoded;
    const name = typeof encoded === 'string' ? encoded : `image ${index} of ${set.name}`;
    const uncompressed = uncompressedFormat(bytes);
    if (uncompressed) return { bytes, ending: uncompressed };
    try {
      const format = imageFormat(bytes);
      return { bytes, ending: format === 'jpeg' ? 'jpg' : format === 'tiff' ? 'tif' : format };
    } catch (cause) {
      throw imageInvalid(name, cause);
    }
  }
  const { pixels, height, width, channels } = await set.read(index);
  const raw = { height, width, channels: channels as 1 | 3 };
  const sharp = await loadSharp();
  return { bytes: await sharp(pixels, { raw }).png().toBuffer(), ending: 'png' };
}

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    throw new ResnetError('FILE_UNWRITABLE', `Can't write ${path}: ${(cause as Error).message}.`, { cause });
  }
}
