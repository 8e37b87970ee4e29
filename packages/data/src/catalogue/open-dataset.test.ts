import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coded, madeCifar, madeCifar100, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from './open-dataset.js';

const parquet = fileURLToPath(new URL('../../fixtures/cifar10-huggingface.parquet', import.meta.url));
const parquet100 = fileURLToPath(new URL('../../fixtures/cifar100-huggingface.parquet', import.meta.url));

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

/** A new folder with these files; what they hold matters only where it is given. */
async function written(...files: (string | [name: string, contents: Uint8Array])[]): Promise<string> {
  const top = join(folder, `${Math.random()}`);
  await mkdir(top);
  for (const file of files) {
    const [name, contents] = typeof file === 'string' ? [file, 'x'] : file;
    await mkdir(dirname(join(top, name)), { recursive: true });
    await writeFile(join(top, name), contents);
  }
  return top;
}

const name = 'ILSVRC2012_val_00000001.JPEG';

describe('openDataset', () => {
  it('recognizes CIFAR by its files', async () => {
    const batches = [1, 2, 3, 4, 5].map((number): [string, Uint8Array] => [
      `cifar-10-batches-bin/data_batch_${number}.bin`,
      madeCifar([number]),
    ]);
    const top = await written(...batches, ['cifar-10-batches-bin/test_batch.bin', madeCifar([7, 8])]);
    expect(await openDataset(top)).toMatchObject({ name: 'CIFAR-10 train', count: 5 });
    const test = await openDataset(join(top, 'cifar-10-batches-bin'), { part: 'test' });
    expect([test.name, ...test.labels!]).toEqual(['CIFAR-10 test', 7, 8]);
    const cifar100 = await written(['train.bin', madeCifar100([[3, 4]])]);
    expect((await openDataset(cifar100)).name).toBe('CIFAR-100 train');
    await expect(openDataset(top, { part: 'val' })).rejects.toThrow(coded('UNKNOWN_NAME', "part 'val'"));
  });

  it('recognizes Parquet files, ImageNet and folders of images', async () => {
    expect((await openDataset(parquet)).count).toBe(250);
    const shards = await written('a.txt');
    await copyFile(parquet100, join(shards, 'test-00000-of-00001.parquet'));
    expect((await openDataset(shards, { part: 'test', label: 'coarse_label' })).classes).toHaveLength(20);

    const imagenet = await written('train/n01440764/1.JPEG', `val/${name}`, 'LOC_val_solution.csv');
    expect((await openDataset(imagenet)).name).toBe('ImageNet train');
    await expect(openDataset(imagenet, { part: 'val' })).rejects.toThrow(coded('DATA_INVALID', 'Line 1'));
    const kaggle = await written('ILSVRC/Data/CLS-LOC/val/n01440764/1.JPEG');
    for (const position of ['', 'ILSVRC', 'ILSVRC/Data', 'ILSVRC/Data/CLS-LOC']) {
      expect((await openDataset(join(kaggle, position), { part: 'val' })).name).toBe('ImageNet val');
    }

    const classes = await written('cats/1.jpg', 'dogs/1.jpg');
    expect((await openDataset(classes)).classes).toEqual(['cats', 'dogs']);
  });

  it('takes no parts for classes', async () => {
    const top = await written('train/cats/1.jpg', 'train/dogs/1.jpg', 'test/cats/2.jpg');
    await expect(openDataset(top)).rejects.toThrow(coded('OPTION_INVALID', 'test, train'));
    expect((await openDataset(top, { part: 'train' })).classes).toEqual(['cats', 'dogs']);
    // Whatever lies beside them.
    const more = await written('Train/cats/1.jpg', 'val/cats/2.jpg', 'labels/1.txt');
    await expect(openDataset(more)).rejects.toThrow(coded('OPTION_INVALID', 'the parts Train, val'));
    expect((await openDataset(more, { part: 'train' })).classes).toEqual(['cats']);
    await expect(openDataset(more, { part: 'test' })).rejects.toThrow(coded('DATA_MISSING', 'test'));
  });

  it('takes no classes for parts', async () => {
    const vehicles = await written('bus/1.jpg', 'train/1.jpg', 'train/steam/2.jpg');
    expect((await openDataset(vehicles)).classes).toEqual(['bus', 'train']);
    const nested = await written('bus/1.jpg', 'train/steam/2.jpg');
    await expect(openDataset(nested)).rejects.toThrow(coded('OPTION_INVALID', "or '.' if these are classes"));
    expect((await openDataset(nested, { part: '.' })).classes).toEqual(['bus', 'train']);
  });

  it('believes what it is told', async () => {
    const top = await written('train/n01440764/1.JPEG');
    expect((await openDataset(join(top, 'train'), { kind: 'folder' })).classes).toEqual(['n01440764']);
    await expect(openDataset(top, { kind: 'cifar10' })).rejects.toThrow(coded('DATA_MISSING', 'CIFAR-10'));
    await expect(openDataset(top, { kind: 'imagent' })).rejects.toThrow(
      coded('UNKNOWN_NAME', "Did you mean 'imagenet'?"),
    );
    await expect(openDataset(top, { label: 'label' })).rejects.toThrow(coded('OPTION_INVALID', 'imagenet'));
  });

  it('says when it can make nothing of it', async () => {
    await expect(openDataset(join(folder, 'none'))).rejects.toThrow(coded('DATA_MISSING', 'none'));
    const top = await written('notes.txt');
    await expect(openDataset(top)).rejects.toThrow(coded('DATA_INVALID', 'nothing that tells'));
    await expect(openDataset(join(top, 'notes.txt'))).rejects.toThrow(coded('DATA_INVALID'));
  });
});
