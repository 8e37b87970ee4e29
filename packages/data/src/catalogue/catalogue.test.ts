import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coded, madeSet, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMAGENET_NORMALIZATION } from '../statistics/normalization.js';
import { datasetEntry, datasetNames, registerDataset } from './catalogue.js';
import type { DatasetEntry } from './entry.js';
import { openDataset } from './open-dataset.js';

const parquet = fileURLToPath(new URL('../../fixtures/cifar10-huggingface.parquet', import.meta.url));

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

const own: DatasetEntry = {
  description: "a folder with 'own.txt'",
  recognizes: ({ files }) => files.includes('own.txt'),
  open: async (path, { part = 'all' }) => ({ ...madeSet(), name: `${part} of ${path}` }),
  usual: { recipe: 'finetune', normalization: () => IMAGENET_NORMALIZATION },
};

describe('registerDataset', () => {
  it('adds a custom kind, which opens by its name, and is recognized', async () => {
    registerDataset('own-kind', own);
    expect(datasetNames()).toContain('own-kind');
    expect(datasetEntry('own-kind')).toBe(own);
    const named = await openDataset('anywhere', { kind: 'own-kind', part: 'some' });
    expect(named).toMatchObject({ name: 'some of anywhere', count: 10 });
    expect((await named.read(3)).pixels).toHaveLength(4 * 5 * 3);
    const top = join(folder, 'top');
    await mkdir(join(top, 'a class'), { recursive: true });
    await writeFile(join(top, 'own.txt'), '');
    expect((await openDataset(top)).name).toBe(`all of ${top}`);
  });

  it.each(['cifar10', 'shards and more', 'Own', ''])('refuses the name %j', (name) => {
    expect(() => registerDataset(name, own)).toThrow(coded('OPTION_INVALID', `found '${name}'`));
  });
});

describe('the catalogue', () => {
  it('names the kinds that are known', () => {
    expect(datasetNames()).toEqual(
      expect.arrayContaining(['cifar10', 'cifar100', 'digits', 'folder', 'imagenet', 'parquet']),
    );
    expect(() => datasetEntry('cifar')).toThrow(coded('UNKNOWN_NAME', "Did you mean 'cifar10'?"));
  });

  it('opens the digits by their name, and by no other path', async () => {
    expect(await openDataset('digits')).toMatchObject({ name: 'Digits train', count: 9000 });
    expect(await openDataset('digits', { part: 'test' })).toMatchObject({ name: 'Digits test', count: 1000 });
    await expect(openDataset('here', { kind: 'digits' })).rejects.toThrow(coded('OPTION_INVALID', "'here'"));
  });

  it('chooses the parts of Parquet files by what they are for', async () => {
    const top = join(folder, 'parquet');
    await mkdir(top);
    const { open } = datasetEntry('parquet');
    const one = await readFile(parquet);
    await writeFile(join(top, 'train-00000-of-00001.parquet'), one);
    expect((await open(top, { purpose: 'train' })).count).toBe(250);
    await expect(open(top, { purpose: 'test' })).rejects.toThrow(
      coded('DATA_MISSING', 'found the parts train. Make one'),
    );
    await writeFile(join(top, 'validation-00000-of-00001.parquet'), one);
    expect((await open(top, { purpose: 'test' })).count).toBe(250);
    // A file has no parts: it is tested with, or split.
    expect((await open(parquet, { purpose: 'test' })).count).toBe(250);
    expect((await open(parquet, { purpose: 'train', isSplit: true })).count).toBe(250);
    await expect(open(parquet, { purpose: 'train' })).rejects.toThrow(coded('DATA_MISSING', '--hold-out'));
  });
});
