import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend';
import { CIFAR_SIZE, CIFAR10_CLASSES, CIFAR10_RECORD, parseCifar10 } from './cifar.js';
import type { ImageSet } from './image-set.js';

const FILES = {
  train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
  test: ['test_batch.bin'],
};

/**
 * Reads CIFAR-10, binary version: 50,000 images to train on or 10,000 to test with, 32x32, RGB.
 *
 * @param folder the one that holds `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, or the one
 *   that the archive was unpacked in (which holds `cifar-10-batches-bin`)
 * @param options.limit at most this many images, the first ones; no more than these are read
 * @throws DATA_MISSING if a file of the part is missing; DATA_INVALID if one is cut off or damaged;
 *   FILE_UNREADABLE if the system refuses to read one; OPTION_INVALID if the limit is not an integer above 0
 */
export async function readCifar10(
  folder: string,
  part: 'train' | 'test',
  options: { limit?: number } = {},
): Promise<ImageSet> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  if (limit !== Number.POSITIVE_INFINITY && (!Number.isInteger(limit) || limit < 1)) {
    throw new ResnetError('OPTION_INVALID', `limit must be an integer of at least 1, found ${limit}.`);
  }
  const files: ReturnType<typeof parseCifar10>[] = [];
  let count = 0;
  for (const path of await locate(folder, FILES[part])) {
    if (count >= limit) break;
    const file = parseCifar10(await readStart(path, (limit - count) * CIFAR10_RECORD), path);
    files.push(file);
    count += file.count;
  }

  const images = new Uint8Array(count * CIFAR_SIZE * CIFAR_SIZE * 3);
  const labels = new Uint8Array(count);
  let first = 0;
  for (const file of files) {
    images.set(file.images, first * CIFAR_SIZE * CIFAR_SIZE * 3);
    labels.set(file.labels, first);
    first += file.count;
  }
  return {
    name: `CIFAR-10 ${part}`,
    images,
    labels,
    count,
    height: CIFAR_SIZE,
    width: CIFAR_SIZE,
    channels: 3,
    classes: CIFAR10_CLASSES,
  };
}

/** The paths of the files, all in one of the two folders that they may be in. */
async function locate(folder: string, files: string[]): Promise<string[]> {
  const folders = [folder, join(folder, 'cifar-10-batches-bin')];
  const missing: string[][] = [];
  for (const place of folders) {
    const paths = files.map((file) => join(place, file));
    const found = await Promise.all(paths.map(exists));
    if (!found.includes(false)) return paths;
    missing.push(files.filter((_, index) => !found[index]));
  }
  const fewest = missing.reduce((least, list) => (list.length < least.length ? list : least));
  throw new ResnetError(
    'DATA_MISSING',
    `CIFAR-10 is not complete: ${fewest.join(', ')} not found; looked in '${folders.join("' and '")}'. ` +
      'The files come in the CIFAR-10 binary version, cifar-10-binary.tar.gz, from the CIFAR page of the ' +
      'University of Toronto. Unpack it with `tar xzf cifar-10-binary.tar.gz` and give the folder ' +
      'cifar-10-batches-bin, or the one that holds it.',
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
