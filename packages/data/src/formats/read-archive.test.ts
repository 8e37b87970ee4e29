import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random, ResnetError } from '@resnet/core';
import { coded, madeCifar, madeCifar100, temporaryFolder } from '@resnet/testing';
import { createTarPacker, packTar, type TarEntry } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from '../cifar/classes.js';
import { CIFAR10_RECORD } from '../cifar/format.js';
import { readCifar10, readCifar100 } from '../cifar/read-cifar.js';
import { type ImageSet, validateImageSet } from '../sets/image-set.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

const file = (name: string, body: Uint8Array): TarEntry => ({ header: { name, size: body.length }, body });

/** The five files to train on, of 15 records, and the one to test with, of 2; not in order, as the official ones. */
const cifar10Files = [3, 1, 2, 5, 4].map((batch) =>
  file(`cifar-10-batches-bin/data_batch_${batch}.bin`, madeCifar([batch, batch + 1, batch + 2])),
);
const testFile = file('cifar-10-batches-bin/test_batch.bin', madeCifar([7, 8]));
const cifar10Entries: TarEntry[] = [
  { header: { name: 'cifar-10-batches-bin/', size: 0, type: 'directory' } },
  file('cifar-10-batches-bin/readme.html', new TextEncoder().encode('<html></html>')),
  ...cifar10Files,
  testFile,
];

let made = 0;
/** Writes a file whose name says nothing. */
async function write(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `made-${made++}`);
  await writeFile(path, bytes);
  return path;
}
const pack = async (entries: TarEntry[]) => gzipSync(await packTar(entries));
const writeArchive = async (entries: TarEntry[]) => write(await pack(entries));

const expectedTrainLabels = [1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6, 5, 6, 7];

describe('readCifar10 on an archive', () => {
  it('reads both parts, in the order of the files and not of the archive', async () => {
    const archive = await writeArchive(cifar10Entries);
    const train = await readCifar10(archive, 'train');
    validateImageSet(train);
    expect(train).toMatchObject({ name: 'CIFAR-10 train', count: 15 });
    expect([...train.labels]).toEqual(expectedTrainLabels);
    expect(train.images[0]).toBe(madeCifar([1, 2, 3])[1]);
    expect([...(await readCifar10(archive, 'test')).labels]).toEqual([7, 8]);
  });

  it('reads the first images only, with a limit', async () => {
    const archive = await writeArchive(cifar10Entries);
    const whole = await readCifar10(archive, 'train');
    for (const limit of [1, 3, 4, 15, 99]) {
      const set = await readCifar10(archive, 'train', { limit });
      const count = Math.min(limit, 15);
      expect(set.count).toBe(count);
      expect([...set.labels]).toEqual(expectedTrainLabels.slice(0, count));
      expect(set.images).toEqual(whole.images.subarray(0, count * 3072));
    }
  });

  it('goes by base names, wherever they lead', async () => {
    for (const prefix of ['', './', '../../', '/etc/', `${'long/'.repeat(60)}`]) {
      const set = await readCifar10(
        await writeArchive([file(`${prefix}test_batch.bin`, madeCifar([4]))]),
        'test',
      );
      expect([...set.labels]).toEqual([4]);
    }
    for (const name of ['test_batch.bin.bak', 'my_test_batch.bin', 'TEST_BATCH.BIN', 'test_batch.bin/x']) {
      const archive = await writeArchive([file(name, madeCifar([4]))]);
      await expect(readCifar10(archive, 'test')).rejects.toEqual(coded('DATA_MISSING'));
    }
  });

  it('passes over small files between large ones', async () => {
    const large = new Uint8Array(700 * CIFAR10_RECORD);
    const small = file('batches.meta.txt', new Uint8Array(61));
    const archive = await writeArchive(
      [1, 2, 3, 4, 5].flatMap((batch) => [file(`data_batch_${batch}.bin`, large), small]),
    );
    expect((await readCifar10(archive, 'train')).count).toBe(5 * 700);
    expect((await readCifar10(archive, 'train', { limit: 1500 })).count).toBe(1500);
  }, 10_000);

  it('passes over links and folders of a wanted name', async () => {
    const others = (['link', 'symlink', 'directory'] as const).map((type) => ({
      header: { name: 'test_batch.bin', size: 0, type, linkname: '/etc/passwd' },
    }));
    const set = await readCifar10(await writeArchive([...others, testFile]), 'test');
    expect([...set.labels]).toEqual([7, 8]);
    await expect(readCifar10(await writeArchive(others), 'test')).rejects.toEqual(coded('DATA_MISSING'));
  });

  it('stops once it has everything', async () => {
    const random = new Random(1);
    const rest = Uint8Array.from({ length: 4 * 2 ** 20 }, () => random.int(256));
    const whole = await pack([testFile, file('rest', rest)]);
    const archive = await write(whole.subarray(0, whole.length / 2));
    expect([...(await readCifar10(archive, 'test')).labels]).toEqual([7, 8]);
    await expect(readCifar10(archive, 'train')).rejects.toEqual(coded('DATA_INVALID', 'end is missing'));
  });

  it('says which files are missing, which are there and what to do', async () => {
    const archive = await writeArchive([...cifar10Files.slice(0, 3), testFile]);
    const message = await readCifar10(archive, 'train').catch((error) => {
      expect(error).toEqual(coded('DATA_MISSING'));
      return error.message;
    });
    for (const part of [
      'data_batch_4.bin, data_batch_5.bin not found',
      `'${archive}' has data_batch_3.bin, data_batch_1.bin, data_batch_2.bin`,
      'cifar-10-binary.tar.gz',
      'unpack it',
    ]) {
      expect(message).toContain(part);
    }
    await expect(readCifar100(archive, 'train')).rejects.toEqual(
      coded('DATA_MISSING', 'has none of its files. The CIFAR-100 binary version is cifar-100-binary.tar.gz'),
    );
    // The first files hold as many images as the limit.
    expect((await readCifar10(archive, 'train', { limit: 9 })).count).toBe(9);
    await expect(readCifar10(archive, 'train', { limit: 10 })).rejects.toEqual(coded('DATA_MISSING'));
  });

  it('refuses a file that is there twice', async () => {
    const archive = await writeArchive([...cifar10Files.slice(0, 2), ...cifar10Files]);
    await expect(readCifar10(archive, 'train')).rejects.toEqual(
      coded('DATA_INVALID', `'${archive}' must hold data_batch_3.bin once, found it twice`),
    );
  });

  it('refuses a file larger than the official one by its header, before it reads it', async () => {
    const size = 10_000 * CIFAR10_RECORD;
    const claim = async (bytes: number) => {
      const { readable, controller } = createTarPacker();
      controller.add({ name: 'test_batch.bin', size: bytes });
      const { value: header } = await readable.getReader().read();
      return write(gzipSync(header!));
    };
    await expect(readCifar10(await claim(size + 1), 'test')).rejects.toEqual(
      coded('DATA_INVALID', `must have at most ${size} bytes, found ${size + 1}.`),
    );
    await expect(readCifar10(await claim(size), 'test')).rejects.toEqual(
      coded('DATA_INVALID', 'Tar archive is truncated'),
    );
  });

  it('refuses wrong contents, as those of a folder', async () => {
    const cut = await writeArchive([file('test_batch.bin', madeCifar([1]).subarray(0, 3000))]);
    await expect(readCifar10(cut, 'test')).rejects.toEqual(
      coded('DATA_INVALID', `test_batch.bin in '${cut}' must be a whole number of records`),
    );
    const empty = await writeArchive([file('test_batch.bin', new Uint8Array(0))]);
    await expect(readCifar10(empty, 'test')).rejects.toEqual(coded('DATA_INVALID', 'found 0 bytes'));
    const wrong = await writeArchive([file('test_batch.bin', madeCifar([1, 10]))]);
    await expect(readCifar10(wrong, 'test')).rejects.toEqual(coded('DATA_INVALID', 'found 10 in record 1'));
  });

  it('says so where an archive is cut off, wherever that is', async () => {
    const whole = await pack(cifar10Files);
    for (const part of [0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.98]) {
      const archive = await write(whole.subarray(0, Math.ceil(whole.length * part)));
      await expect(readCifar10(archive, 'train')).rejects.toEqual(
        coded('DATA_INVALID', `'${archive}' must be a whole tar archive packed by gzip, found that its end`),
      );
    }
    const tar = await packTar(cifar10Files);
    for (const length of [0, 100, 512, 1000, 5 * 1024, 30_000]) {
      const archive = await write(gzipSync(tar.subarray(0, length)));
      await expect(readCifar10(archive, 'train')).rejects.toEqual(coded('DATA_INVALID', 'is truncated'));
    }
  });

  it('refuses what is not gzip, or not tar in it', async () => {
    const tar = await packTar(cifar10Entries);
    const text = new TextEncoder().encode('not an archive, but a page that says why. '.repeat(100));
    for (const bytes of [tar, text, madeCifar([1]), gzipSync(text)]) {
      const archive = await write(bytes);
      await expect(readCifar10(archive, 'train')).rejects.toEqual(
        coded(
          'DATA_INVALID',
          `'${archive}' must be a whole tar archive packed by gzip, found that it is none`,
        ),
      );
    }
  });
});

describe('an archive that the system refuses to read', () => {
  it.skipIf(process.platform !== 'linux')('is named', async () => {
    // A file whose first byte nobody can read, not even root.
    await expect(readCifar10('/proc/self/mem', 'test')).rejects.toEqual(
      coded('FILE_UNREADABLE', "'/proc/self/mem' can't be read: EIO"),
    );
  });
});

describe('readCifar100', () => {
  const train = madeCifar100([
    [0, 0],
    [19, 99],
    [3, 50],
  ]);
  const entries = [
    file('cifar-100-binary/test.bin', madeCifar100([[5, 6]])),
    file('cifar-100-binary/train.bin', train),
  ];

  it('reads fine or coarse labels, from an archive or a folder', async () => {
    const archive = await writeArchive(entries);
    const unpacked = await temporaryFolder();
    await writeFile(join(unpacked.folder, 'train.bin'), train);
    for (const position of [archive, unpacked.folder]) {
      const fine = await readCifar100(position, 'train');
      validateImageSet(fine);
      expect(fine).toMatchObject({ name: 'CIFAR-100 train', count: 3, classes: CIFAR100_CLASSES });
      expect([...fine.labels]).toEqual([0, 99, 50]);
      const coarse = await readCifar100(position, 'train', { labels: 'coarse', limit: 2 });
      validateImageSet(coarse);
      expect(coarse).toMatchObject({ count: 2, classes: CIFAR100_SUPERCLASSES });
      expect([...coarse.labels]).toEqual([0, 19]);
      expect(coarse.images).toEqual(fine.images.subarray(0, 2 * 3072));
    }
    expect([...(await readCifar100(archive, 'test')).labels]).toEqual([6]);
    await expect(readCifar100(unpacked.folder, 'test')).rejects.toEqual(
      coded('DATA_MISSING', 'CIFAR-100 is not complete: test.bin not found'),
    );
    await unpacked.remove();
  });

  it('refuses labels that are none', async () => {
    await expect(readCifar100(folder, 'test', { labels: 'fin' as 'fine' })).rejects.toEqual(
      coded('UNKNOWN_NAME', "Did you mean 'fine'?"),
    );
  });
});

describe('damaged archives', () => {
  /** Reads the archive with one byte changed; the set, or undefined after a coded error. */
  async function attempt(bytes: Uint8Array): Promise<ImageSet | undefined> {
    const path = join(folder, 'damaged');
    await writeFile(path, bytes);
    try {
      return await readCifar10(path, 'train');
    } catch (error) {
      if (!ResnetError.is(error) || !['DATA_INVALID', 'DATA_MISSING'].includes(error.code)) throw error;
      return undefined;
    }
  }
  const flipped = (bytes: Uint8Array, position: number, bits: number) => {
    const copy = bytes.slice();
    copy[position]! ^= bits;
    return copy;
  };
  const small = [1, 2, 3, 4, 5].map((batch) => file(`data_batch_${batch}.bin`, madeCifar([batch])));

  it('are read or refused with a coded error, whichever byte of the gzip file is changed', async () => {
    const random = new Random(3);
    const whole = await pack(small);
    let refused = 0;
    for (let round = 0; round < 250; round++) {
      // Half of them in the first bytes, where everything hangs on each.
      const position = random.int(round % 2 === 0 ? 100 : whole.length);
      const set = await attempt(flipped(whole, position, 1 + random.int(255)));
      if (set === undefined) refused++;
      else validateImageSet(set);
    }
    expect(refused).toBeGreaterThan(20);
  });

  it('differ in one byte at most or are refused, whichever byte of the tar file is changed', async () => {
    const random = new Random(4);
    const tar = await packTar(small);
    const right = (await attempt(gzipSync(tar)))!;
    let [read, refused] = [0, 0];
    for (let round = 0; round < 250; round++) {
      // Half of them in a header, of which one stands before each file's 7 blocks.
      const header = random.int(5) * 8 * 512;
      const position = round % 2 === 0 ? header + random.int(512) : random.int(tar.length);
      const set = await attempt(gzipSync(flipped(tar, position, 1 + random.int(255)), { level: 1 }));
      if (set === undefined) {
        refused++;
        continue;
      }
      read++;
      validateImageSet(set);
      const differ = (one: Uint8Array, other: Uint8Array) =>
        one.filter((value, index) => value !== other[index]).length;
      expect(set.count).toBe(5);
      expect(differ(set.images, right.images) + differ(set.labels, right.labels)).toBeLessThanOrEqual(1);
    }
    expect(read).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});
