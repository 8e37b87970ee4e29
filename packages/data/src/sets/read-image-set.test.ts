import { fileURLToPath } from 'node:url';
import { coded, madeSet } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { readParquet } from '../formats/parquet/read-parquet.js';
import type { Dataset } from './dataset.js';
import { imageAt } from './image-set.js';
import { readImageSet } from './read-image-set.js';
import { toDataset } from './to-dataset.js';

describe('readImageSet', () => {
  it('decodes a whole data set, in order, and tells how far it is', async () => {
    const path = fileURLToPath(new URL('../../fixtures/cifar10-huggingface.parquet', import.meta.url));
    const heard: number[] = [];
    const set = await readImageSet(await readParquet(path), {
      onProgress: (done, total) => heard.push(done / total),
    });
    expect(set).toMatchObject({ name: path, count: 250, height: 2, width: 3, channels: 3 });
    expect([set.classes[3], set.labels[3]]).toEqual(['cat', 1]);
    for (const index of [0, 100, 249]) expect(imageAt(set, index).pixels[0]).toBe(index);
    expect(heard).toEqual(Array.from({ length: 250 }, (_, index) => (index + 1) / 250));
  });

  it('gives back what toDataset was given', async () => {
    const set = madeSet({ count: 40 });
    expect(await readImageSet(toDataset(set))).toEqual(set);
    const dataset = toDataset(set);
    (await dataset.read(0)).pixels.fill(0);
    expect((await dataset.read(0)).pixels).toEqual(imageAt(set, 0).pixels);
    await expect(dataset.read(40)).rejects.toThrow(coded('OPTION_INVALID', 'found 40'));
  });

  const changed = (changes: Partial<Dataset>) => ({ ...toDataset(madeSet()), ...changes });

  it('refuses what is no set of one size', async () => {
    const image = (height: number) => ({ pixels: new Uint8Array(3 * height), height, width: 1, channels: 3 });
    const uneven = changed({ read: async (index) => image(index === 7 ? 3 : 2) });
    await expect(readImageSet(uneven)).rejects.toThrow(coded('SHAPE_MISMATCH', 'number 7 is 3 x 1 x 3'));
    await expect(readImageSet(changed({ count: 0 }))).rejects.toThrow(coded('DATA_INVALID', '0 images'));
    const classes = Array.from({ length: 257 }, (_, index) => `${index}`);
    await expect(readImageSet(changed({ classes }))).rejects.toThrow(coded('DATA_INVALID', '257 classes'));
    const huge = changed({ count: 2 ** 50, read: async () => image(2) });
    await expect(readImageSet(huge)).rejects.toThrow(coded('OUT_OF_MEMORY', 'made'));
  });

  it('stops when told to', async () => {
    const stop = new AbortController();
    const reading = readImageSet(toDataset(madeSet({ count: 100 })), {
      signal: stop.signal,
      onProgress: (done) => {
        if (done === 5) stop.abort();
      },
    });
    await expect(reading).rejects.toThrow(coded('ABORTED'));
  });
});
