import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { type ErrorCode, Random } from '@resnet/core';
import { expect } from 'vitest';
import { CIFAR10_RECORD, CIFAR100_RECORD } from './cifar/format.js';
import type { ImageSet } from './sets/image-set.js';

/** Matches an error of this project with a code and a text in its message. */
export const coded = (code: ErrorCode, text = '') =>
  expect.objectContaining({ name: 'ResnetError', code, message: expect.stringContaining(text) });

/** A set of random bytes; labels go round the classes. */
export function madeSet(sizes: Partial<ImageSet> = {}): ImageSet {
  const { count = 10, height = 4, width = 5, channels = 3, classes = ['a', 'b', 'c'] } = sizes;
  const random = new Random(7, count, height, width, channels);
  const images = Uint8Array.from({ length: count * height * width * channels }, () => random.int(256));
  const labels = Uint8Array.from({ length: count }, (_, index) => index % classes.length);
  return { name: 'made', images, labels, count, height, width, channels, classes };
}

/** A file of CIFAR-10's binary version: records of the given labels and random pixels. */
export function madeCifar(labels: readonly number[]): Uint8Array {
  return madeRecords(
    CIFAR10_RECORD,
    labels.map((label) => [label]),
  );
}

/** A file of CIFAR-100's binary version: records of the given labels, coarse and fine, and random pixels. */
export function madeCifar100(labels: readonly (readonly [coarse: number, fine: number])[]): Uint8Array {
  return madeRecords(CIFAR100_RECORD, labels);
}

function madeRecords(recordBytes: number, labels: readonly (readonly number[])[]): Uint8Array {
  const random = new Random(8, labels.length);
  const bytes = Uint8Array.from({ length: labels.length * recordBytes }, () => random.int(256));
  for (const [record, ofRecord] of labels.entries()) bytes.set(ofRecord, record * recordBytes);
  return bytes;
}

/** The files of CIFAR's Python version that scripts/fixtures/cifar-python.py wrote, by name. */
export function cifarPickles(): Map<string, Uint8Array> {
  const text = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'cifar-python.json'), 'utf8');
  const files = Object.entries(JSON.parse(text) as Record<string, string>);
  return new Map(
    files.map(([name, packed]) => [name, new Uint8Array(inflateSync(Buffer.from(packed, 'base64')))]),
  );
}

/** The image at an index of those files, HWC. */
export function pickledImage(index: number): Uint8Array {
  return Uint8Array.from({ length: 3072 }, (_, position) => {
    const [pixel, channel] = [Math.floor(position / 3), position % 3];
    return 31 * index + 7 * (1024 * channel + pixel) + 50 * channel;
  });
}

/** A PNG of a thousand bytes that says it has 20,000 × 20,000 pixels. */
export function madeBomb(): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(data.length, 0);
    whole.set(body, 4);
    whole.writeUInt32BE(crc32(body), body.length + 4);
    return whole;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(20_000, 0);
  header.writeUInt32BE(20_000, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(new Uint8Array(1000));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** The folder of real data that is shared beside the repository; it may not be there. */
export const sharedData =
  process.env.RESNET_SHARED_DATA ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data');

/** A folder with the real `test_batch.bin`, unpacked once and kept, or the reason why there is none. */
export async function realCifar10(): Promise<{ folder: string } | { missing: string }> {
  if (process.env.RESNET_CIFAR10) return { folder: process.env.RESNET_CIFAR10 };
  const archive = join(sharedData, 'cifar-10-binary.tar.xz');
  if (!existsSync(archive))
    return { missing: 'needs RESNET_CIFAR10, or cifar-10-binary.tar.xz in the shared data' };

  const kept = join(tmpdir(), `resnet-cifar10-test-${(await stat(archive)).size}`);
  if (existsSync(kept)) return { folder: kept };
  const fresh = await mkdtemp(join(tmpdir(), 'resnet-cifar10-'));
  try {
    await promisify(execFile)('tar', ['xJf', archive, '-C', fresh, 'cifar-10-batches-bin/test_batch.bin']);
    await rename(fresh, kept).catch(async (error) => {
      // Another run may have been faster; its files are the same.
      if (!existsSync(kept)) throw error;
    });
    return { folder: kept };
  } catch (error) {
    return { missing: `tar and xz must be able to unpack the archive: ${(error as Error).message}` };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** A new empty folder; `remove` takes it away with all that is in it. */
export async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'resnet-data-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
