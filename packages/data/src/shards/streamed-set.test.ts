import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { coded, madeSet, temporaryFolder } from '@resnet/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetEntry } from '../catalogue/catalogue.js';
import { openDataset } from '../catalogue/open-dataset.js';
import { loader } from '../loading/loader.js';
import { samplesAt } from '../loading/samples.js';
import type { Dataset } from '../sets/dataset.js';
import { imageAt, selectImages } from '../sets/image-set.js';
import { readImageSet } from '../sets/read-image-set.js';
import { sliceImages } from '../sets/slice.js';
import { splitImages } from '../sets/split.js';
import { toDataset } from '../sets/to-dataset.js';
import { datasetStatistics } from '../statistics/dataset-statistics.js';
import { writeShards } from './write-shards.js';

const set = madeSet({ count: 23 });
let top: string;
let remove: () => Promise<void>;
/** The images of `set` in the order of the shards. */
let inOrder: number[];
let streamed: Dataset;
beforeAll(async () => {
  ({ folder: top, remove } = await temporaryFolder());
  await writeShards(set, join(top, 'shards'), { imagesPerShard: 5 });
  streamed = await openDataset(join(top, 'shards'));
  const { images } = await readImageSet(streamed);
  const size = 4 * 5 * 3;
  inOrder = Array.from({ length: 23 }, (_, position) => {
    const pixels = String(images.subarray(position * size, (position + 1) * size));
    return Array.from({ length: 23 }, (_, index) => index).find(
      (index) => String(imageAt(set, index).pixels) === pixels,
    )!;
  });
});
afterAll(() => remove());

describe('a streamed set', () => {
  it('is read into memory, and has the same statistics as what it was made of', async () => {
    expect([...inOrder].sort((a, b) => a - b)).toEqual([...Array(23).keys()]);
    const { labels } = await readImageSet(streamed);
    expect(labels).toEqual(selectImages(set, inOrder).labels);
    expect(await datasetStatistics(streamed)).toEqual(await datasetStatistics(toDataset(set)));
  });

  it('gives some samples in the order in which they are asked for', async () => {
    const samples = await samplesAt(streamed, [17, 2, 2, 22]);
    expect(samples.map(({ index }) => index)).toEqual([17, 2, 2, 22]);
    for (const { index, label, read } of samples) {
      expect(label).toBe(set.labels[inOrder[index]!]);
      expect((await read()).pixels).toEqual(imageAt(set, inOrder[index]!).pixels);
    }
    await expect(samplesAt(streamed, [23])).rejects.toThrow(
      coded('OPTION_INVALID', 'from 0 to 22, found 23'),
    );
  });

  it('is sliced in its order, as other sets are', async () => {
    const memory = selectImages(set, inOrder);
    const batchesOf = async (part: Parameters<typeof loader>[0]) => {
      const batches = [];
      for await (const batch of loader(part, { batchSize: 4 }).epoch(0, 1)) batches.push(batch);
      return batches;
    };
    const expected = await batchesOf(sliceImages(memory, 7, 19));
    expect(expected).toHaveLength(2);
    expect(await batchesOf(sliceImages(streamed, 7, 19))).toEqual(expected);
    expect(await batchesOf(sliceImages(toDataset(memory), 7, 19))).toEqual(expected);
    const shuffled = loader(sliceImages(streamed, 7, 19), { batchSize: 4, shuffle: true });
    await expect(shuffled.epoch(0)[Symbol.asyncIterator]().next()).rejects.toThrow(
      coded('OPTION_INVALID', "can't be shuffled"),
    );
  });

  it("says what can't be done with it", async () => {
    const refusal = coded('OPTION_INVALID', 'it is streamed from one end to the other');
    await expect(streamed.read(0)).rejects.toThrow(refusal);
    await expect(writeShards(streamed, join(top, 'again'))).rejects.toThrow(refusal);
    expect(() => splitImages(streamed, 3, 0)).toThrow(refusal);
  });
});

describe('the catalogue', () => {
  it('opens shards by looking, and the part of folders of shards that suits', async () => {
    const data = join(top, 'data');
    await mkdir(data);
    await rename(join(top, 'shards'), join(data, 'train'));
    const { open } = datasetEntry('shards');
    expect((await open(data, { purpose: 'train' })).count).toBe(23);
    await expect(open(data, { purpose: 'test' })).rejects.toThrow(
      coded('DATA_MISSING', "found the parts train. Shards can't be split"),
    );
    await writeShards(selectImages(set, [3, 4]), join(data, 'val'));
    expect((await open(data, { purpose: 'test' })).count).toBe(2);
    expect((await openDataset(data, { part: 'val' })).count).toBe(2);
    await expect(openDataset(data)).rejects.toThrow(coded('OPTION_INVALID', 'parts: train, val. Choose one'));
  });
});
