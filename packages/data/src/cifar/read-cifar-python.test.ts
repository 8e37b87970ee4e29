import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cifarPickles, coded, madeCifar, pickledImage, temporaryFolder } from '@resnet/testing';
import { packTar, type TarEntry } from 'modern-tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { validateImageSet } from '../sets/image-set.js';
import { CIFAR100_SUPERCLASSES } from './classes.js';
import { readCifar10, readCifar100 } from './read-cifar.js';

const pickles = cifarPickles();
const two = pickles.get('Python 2')!;
const one = pickles.get('one image')!;
const three = pickles.get('Python 2, CIFAR-100')!;

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterEach(() => remove());

const file = (name: string, body: Uint8Array): TarEntry => ({ header: { name, size: body.length }, body });
const batches: [string, Uint8Array][] = [3, 1, 2, 5, 4].map((batch) => [
  `data_batch_${batch}`,
  batch === 1 ? one : two,
]);

async function writeFiles(name: string, files: [string, Uint8Array][]): Promise<string> {
  const inner = join(folder, name);
  await mkdir(inner, { recursive: true });
  for (const [file, bytes] of files) await writeFile(join(inner, file), bytes);
  return inner;
}

async function writeArchive(entries: TarEntry[]): Promise<string> {
  const path = join(folder, 'archive');
  await writeFile(path, gzipSync(await packTar(entries)));
  return path;
}

describe('readCifar10 on the Python version', () => {
  async function writeBoth(): Promise<string[]> {
    const inner = await writeFiles('cifar-10-batches-py', [...batches, ['test_batch', two]]);
    const archive = await writeArchive([
      file('cifar-10-batches-py/readme.html', new Uint8Array(10)),
      ...[...batches, ['test_batch', two] as const].map(([name, bytes]) =>
        file(`cifar-10-batches-py/${name}`, bytes),
      ),
    ]);
    return [folder, inner, archive];
  }

  it('reads both parts, in the order of the files, from a folder, the one above, or the archive', async () => {
    for (const position of await writeBoth()) {
      const train = await readCifar10(position, 'train');
      validateImageSet(train);
      expect(train).toMatchObject({ name: 'CIFAR-10 train', count: 9 });
      expect([...train.labels]).toEqual([5, 3, 9, 3, 9, 3, 9, 3, 9]);
      expect(train.images.subarray(2 * 3072, 3 * 3072)).toEqual(pickledImage(1));
      const test = await readCifar10(position, 'test');
      expect(test).toMatchObject({ name: 'CIFAR-10 test', count: 2, labels: Uint8Array.of(3, 9) });
    }
  });

  it('gives the first images only, with a limit', async () => {
    for (const position of await writeBoth()) {
      const whole = await readCifar10(position, 'train');
      for (const limit of [1, 2, 3, 9, 99]) {
        const set = await readCifar10(position, 'train', { limit });
        validateImageSet(set);
        expect([...set.labels]).toEqual([...whole.labels.subarray(0, limit)]);
        expect(set.images).toEqual(whole.images.subarray(0, limit * 3072));
      }
    }
  });

  it('prefers the binary version where both are there', async () => {
    await writeFiles('cifar-10-batches-py', [['test_batch', two]]);
    await writeFiles('cifar-10-batches-bin', [['test_batch.bin', madeCifar([4])]]);
    expect([...(await readCifar10(folder, 'test')).labels]).toEqual([4]);
  });

  it('says which files are missing of the version that is there', async () => {
    await writeFiles('cifar-10-batches-py', batches.slice(0, 3));
    await expect(readCifar10(folder, 'train')).rejects.toEqual(
      coded(
        'DATA_MISSING',
        `: data_batch_4, data_batch_5 not found; looked in '${folder}' and '${join(folder, 'cifar-10-batches-bin')}' ` +
          `and '${join(folder, 'cifar-10-batches-py')}'. The CIFAR-10 Python version is cifar-10-python.tar.gz`,
      ),
    );
    const archive = await writeArchive(batches.slice(0, 3).map(([name, bytes]) => file(name, bytes)));
    await expect(readCifar10(archive, 'train')).rejects.toEqual(
      coded('DATA_MISSING', `data_batch_4, data_batch_5 not found; '${archive}' has data_batch_3`),
    );
  });

  it('names the file that is wrong, in a folder and in an archive', async () => {
    const inner = await writeFiles('', [['test_batch', two.subarray(0, 5000)]]);
    await expect(readCifar10(inner, 'test')).rejects.toEqual(
      coded('DATA_INVALID', `${join(inner, 'test_batch')} can't be read: its pickle is damaged or cut off`),
    );
    const archive = await writeArchive([file('test_batch', pickles.get('float64')!)]);
    await expect(readCifar10(archive, 'test')).rejects.toEqual(
      coded('DATA_INVALID', `test_batch in '${archive}' must have pixels of the numpy type 'u1'`),
    );
  });

  it('refuses a file that is larger than any of this version, by its header', async () => {
    const large = file('test_batch', new Uint8Array(65_000_000));
    await expect(readCifar10(await writeArchive([large]), 'test')).rejects.toEqual(
      coded('DATA_INVALID', 'must have at most 64000000 bytes, found 65000000'),
    );
  });
});

describe('readCifar100 on the Python version', () => {
  it('reads fine or coarse labels from a folder, the one above, or the archive', async () => {
    const inner = await writeFiles('cifar-100-python', [['train', three]]);
    const archive = await writeArchive([file('cifar-100-python/train', three)]);
    for (const position of [folder, inner, archive]) {
      expect([...(await readCifar100(position, 'train')).labels]).toEqual([99, 0, 50]);
      const coarse = await readCifar100(position, 'train', { labels: 'coarse', limit: 2 });
      validateImageSet(coarse);
      expect(coarse).toMatchObject({
        count: 2,
        classes: CIFAR100_SUPERCLASSES,
        labels: Uint8Array.of(0, 19),
      });
    }
    await rm(inner, { recursive: true });
  });

  it('does not take folders of images for its files', async () => {
    await mkdir(join(folder, 'train'));
    await expect(readCifar100(folder, 'train')).rejects.toEqual(coded('DATA_MISSING'));
  });
});
