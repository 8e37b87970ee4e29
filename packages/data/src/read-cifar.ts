import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend';
import {
  CIFAR_SIZE,
  CIFAR10_CLASSES,
  CIFAR10_RECORD,
  CIFAR100_RECORD,
  type Cifar100Labels,
  type CifarImages,
  cifar100Classes,
  parseCifar10,
  parseCifar100,
} from './cifar.js';
import type { ImageSet } from './image-set.js';
import { readArchive } from './read-archive.js';

/** How a data set is handed out. */
interface Distribution {
  name: string;
  archive: string;
  /** The folder in the archive. */
  folder: string;
  recordBytes: number;
  /** The files of each part, and how many records each has. */
  parts: Record<'train' | 'test', { files: readonly string[]; records: number }>;
}

const CIFAR10: Distribution = {
  name: 'CIFAR-10',
  archive: 'cifar-10-binary.tar.gz',
  folder: 'cifar-10-batches-bin',
  recordBytes: CIFAR10_RECORD,
  parts: {
    train: { files: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`), records: 10_000 },
    test: { files: ['test_batch.bin'], records: 10_000 },
  },
};

const CIFAR100: Distribution = {
  name: 'CIFAR-100',
  archive: 'cifar-100-binary.tar.gz',
  folder: 'cifar-100-binary',
  recordBytes: CIFAR100_RECORD,
  parts: {
    train: { files: ['train.bin'], records: 50_000 },
    test: { files: ['test.bin'], records: 10_000 },
  },
};

/**
 * Reads CIFAR-10, binary version: 50,000 images to train on or 10,000 to test with, 32x32, RGB.
 *
 * @param folderOrArchive the folder that holds `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, or the
 *   one that the archive was unpacked in (which holds `cifar-10-batches-bin`), or the archive itself,
 *   `cifar-10-binary.tar.gz`, which is read in memory and no further than it has to be
 * @param options.limit at most this many images, the first ones; no more than these are read
 * @throws DATA_MISSING if a file of the part is missing; DATA_INVALID if one is cut off or damaged, or if an archive
 *   is, or is none, or holds a file twice or larger than the official one; FILE_UNREADABLE if the system refuses to
 *   read one; OPTION_INVALID if the limit is not an integer above 0
 */
export async function readCifar10(
  folderOrArchive: string,
  part: 'train' | 'test',
  options: { limit?: number } = {},
): Promise<ImageSet> {
  const images = await readImages(CIFAR10, folderOrArchive, part, options.limit, parseCifar10);
  return imageSet(`CIFAR-10 ${part}`, images, CIFAR10_CLASSES);
}

/**
 * Reads CIFAR-100, binary version: 50,000 images to train on or 10,000 to test with, 32x32, RGB.
 *
 * @param folderOrArchive the folder that holds `train.bin` and `test.bin`, or the one that the archive was unpacked
 *   in (which holds `cifar-100-binary`), or the archive itself, `cifar-100-binary.tar.gz`, which is read in memory
 *   and no further than it has to be
 * @param options.limit at most this many images, the first ones; no more than these are read
 * @param options.labels the labels of the 100 classes, or those of the 20 superclasses; default 'fine'
 * @throws DATA_MISSING if the file of the part is missing; DATA_INVALID if it is cut off or damaged, or if an archive
 *   is, or is none, or holds the file larger than the official one; FILE_UNREADABLE if the system refuses to read it;
 *   OPTION_INVALID if the limit is not an integer above 0; UNKNOWN_NAME if there are no such labels
 */
export async function readCifar100(
  folderOrArchive: string,
  part: 'train' | 'test',
  options: { limit?: number; labels?: Cifar100Labels } = {},
): Promise<ImageSet> {
  const { limit, labels = 'fine' } = options;
  const classes = cifar100Classes(labels);
  const images = await readImages(CIFAR100, folderOrArchive, part, limit, (bytes, source) =>
    parseCifar100(bytes, source, labels),
  );
  return imageSet(`CIFAR-100 ${part}`, images, classes);
}

function imageSet(name: string, images: CifarImages, classes: readonly string[]): ImageSet {
  return { name, ...images, height: CIFAR_SIZE, width: CIFAR_SIZE, channels: 3, classes };
}

async function readImages(
  distribution: Distribution,
  folderOrArchive: string,
  part: 'train' | 'test',
  limit = Number.POSITIVE_INFINITY,
  parse: (bytes: Uint8Array, source: string) => CifarImages,
): Promise<CifarImages> {
  if (limit !== Number.POSITIVE_INFINITY && (!Number.isInteger(limit) || limit < 1)) {
    throw new ResnetError('OPTION_INVALID', `limit must be an integer of at least 1, found ${limit}.`);
  }
  const open = (await isFile(folderOrArchive)) ? openArchive : openFolder;
  const read = await open(distribution, folderOrArchive, part, limit);
  const files: CifarImages[] = [];
  let count = 0;
  for (const name of distribution.parts[part].files) {
    if (count >= limit) break;
    const { bytes, source } = await read(name, (limit - count) * distribution.recordBytes);
    const file = parse(bytes, source);
    files.push(file);
    count += file.count;
  }
  if (files.length === 1) return files[0]!;

  const images = new Uint8Array(count * CIFAR_SIZE * CIFAR_SIZE * 3);
  const labels = new Uint8Array(count);
  let first = 0;
  for (const file of files) {
    images.set(file.images, first * CIFAR_SIZE * CIFAR_SIZE * 3);
    labels.set(file.labels, first);
    first += file.count;
  }
  return { images, labels, count };
}

/** Reads the start of a file of the data set; `source` names the file in messages. */
type Read = (name: string, mostBytes: number) => Promise<{ bytes: Uint8Array; source: string }>;

async function openFolder(distribution: Distribution, folder: string, part: 'train' | 'test'): Promise<Read> {
  const place = await locate(distribution, folder, distribution.parts[part].files);
  return async (name, mostBytes) => {
    const source = join(place, name);
    return { bytes: await readStart(source, mostBytes), source };
  };
}

async function openArchive(
  distribution: Distribution,
  archive: string,
  part: 'train' | 'test',
  limit: number,
): Promise<Read> {
  const { recordBytes, parts } = distribution;
  const { files, records } = parts[part];
  const advice = `${origin(distribution)} Download it again, or unpack it with tar and give the folder.`;
  // Files come in any order; those after the limit is reached are not needed.
  const isEnough = (found: ReadonlyMap<string, Uint8Array>) => {
    let count = 0;
    for (const name of files) {
      if (count >= limit) break;
      const bytes = found.get(name);
      if (bytes === undefined) return false;
      count += Math.floor(bytes.length / recordBytes);
    }
    return true;
  };
  const found = await readArchive(archive, {
    files,
    largestBytes: records * recordBytes,
    keptBytes: limit * recordBytes,
    isEnough,
    advice,
  });
  if (!isEnough(found)) {
    const missing = files.filter((name) => !found.has(name)).join(', ');
    const rest = found.size === 0 ? 'none of its files' : [...found.keys()].join(', ');
    throw new ResnetError(
      'DATA_MISSING',
      `${distribution.name} is not complete: ${missing} not found; '${archive}' has ${rest}. ${advice}`,
    );
  }
  return async (name, mostBytes) => {
    const bytes = found.get(name)!;
    // So that the memory of a file can go once its images are read.
    found.delete(name);
    return { bytes: bytes.subarray(0, mostBytes), source: `${name} in '${archive}'` };
  };
}

function origin({ name, archive }: Distribution): string {
  return `The ${name} binary version is ${archive}, from the CIFAR page of the University of Toronto.`;
}

/** The folder that all of the files are in, one of the two that they may be in. */
async function locate(distribution: Distribution, folder: string, files: readonly string[]): Promise<string> {
  const folders = [folder, join(folder, distribution.folder)];
  const missing: string[][] = [];
  for (const place of folders) {
    const found = await Promise.all(files.map((file) => exists(join(place, file))));
    if (!found.includes(false)) return place;
    missing.push(files.filter((_, index) => !found[index]));
  }
  const fewest = missing.reduce((least, list) => (list.length < least.length ? list : least));
  throw new ResnetError(
    'DATA_MISSING',
    `${distribution.name} is not complete: ${fewest.join(', ')} not found; looked in '${folders.join("' and '")}'. ` +
      `${origin(distribution)} Give its path; or unpack it with \`tar xzf ${distribution.archive}\` and give the ` +
      `folder ${distribution.folder}, or the one that holds it.`,
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readStart(path: string, mostBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: mostBytes - 1, highWaterMark: 2 ** 20 })) {
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new ResnetError('FILE_UNREADABLE', `'${path}' can't be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return Buffer.concat(chunks);
}
