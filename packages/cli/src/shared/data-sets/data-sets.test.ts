import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CIFAR100_CLASSES } from '@resnet/data';
import { cifarPickles, madeCifar100, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSet } from './data-sets.js';

describe('data sets', () => {
  let folder: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder());
  });
  afterAll(() => remove());

  it('read CIFAR-100 with its 100 classes', async () => {
    await writeFile(join(folder, 'train.bin'), madeCifar100([[1, 99]]));
    await writeFile(
      join(folder, 'test.bin'),
      madeCifar100([
        [2, 98],
        [3, 97],
      ]),
    );
    const train = await dataSet('cifar100').readTrain(folder);
    const test = await dataSet('cifar100').readTest(folder);
    expect(train).toMatchObject({ name: 'CIFAR-100 train', labels: Uint8Array.of(99) });
    expect(test).toMatchObject({ labels: Uint8Array.of(98, 97), classes: CIFAR100_CLASSES });
    expect((await dataSet('cifar100').readTest(folder, 1)).count).toBe(1);
  });

  it('are not fetched where they are', async () => {
    const inner = join(folder, 'cifar-100-python');
    await mkdir(inner);
    for (const name of ['train', 'test'])
      await writeFile(join(inner, name), cifarPickles().get('CIFAR-100')!);
    expect(await dataSet('cifar100').download(folder, {})).toBe(inner);
    expect((await dataSet('cifar100').readTest(inner, 2)).count).toBe(2);
  });

  it('take a file as an archive', async () => {
    const archive = join(folder, 'archive');
    await writeFile(archive, 'none');
    for (const name of ['cifar10', 'cifar100']) {
      await expect(dataSet(name).readTest(archive)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        message: expect.stringContaining('must be a whole tar archive packed by gzip'),
      });
    }
  });
});
