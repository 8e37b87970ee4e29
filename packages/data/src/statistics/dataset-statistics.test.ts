import { ResnetError } from '@resnet/core';
import { coded, madeSet } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../sets/dataset.js';
import { toDataset } from '../sets/to-dataset.js';
import { datasetStatistics } from './dataset-statistics.js';
import { channelStatistics } from './image-statistics.js';

describe('datasetStatistics', () => {
  it('agrees with channelStatistics of a set in memory', async () => {
    const set = madeSet({ count: 50, height: 6 });
    const expected = channelStatistics(set);
    const found = await datasetStatistics(toDataset(set));
    expect(found).toMatchObject({
      count: 50,
      classCounts: [17, 17, 16],
      height: { min: 6, median: 6, max: 6 },
      width: { min: 5, median: 5, max: 5 },
      broken: [],
    });
    for (const channel of [0, 1, 2]) {
      expect(found.mean[channel]).toBeCloseTo(expected.mean[channel]!, 12);
      expect(found.std[channel]).toBeCloseTo(expected.std[channel]!, 12);
    }
  });

  const made = (read: Dataset['read']): Dataset => ({ ...toDataset(madeSet({ count: 5 })), read });
  const image = (height: number, width: number, channels = 1, value = 51) => ({
    pixels: new Uint8Array(height * width * channels).fill(value),
    height,
    width,
    channels,
  });

  it('takes images of any size, and counts the broken ones', async () => {
    const heard: number[] = [];
    const set = made(async (index) => {
      if (index % 2 === 1) throw new ResnetError('IMAGE_INVALID', `number ${index}`);
      // Two pixels of 51, four of 51, six of 255.
      return image(2, 1 + index / 2, 1, index === 4 ? 255 : 51);
    });
    const { broken, height, width, mean, std } = await datasetStatistics(set, {
      onProgress: (done) => heard.push(done),
    });
    expect(broken.map(({ index, error }) => [index, error.message])).toEqual([
      [1, 'number 1'],
      [3, 'number 3'],
    ]);
    expect([height, width]).toEqual([
      { min: 2, median: 2, max: 2 },
      { min: 1, median: 2, max: 3 },
    ]);
    expect(mean[0]).toBeCloseTo(0.6, 12);
    expect(std[0]).toBeCloseTo(0.4, 12);
    expect(heard).toEqual([1, 2, 3, 4, 5]);
  });

  it('has nothing to say of images that are all broken, and passes other errors on', async () => {
    const failing = (code: 'FILE_UNREADABLE' | 'DATA_INVALID') =>
      made(async () => {
        throw new ResnetError(code, 'no');
      });
    expect(await datasetStatistics(failing('FILE_UNREADABLE'))).toMatchObject({
      height: undefined,
      mean: [],
      broken: { length: 5 },
    });
    await expect(datasetStatistics(failing('DATA_INVALID'))).rejects.toThrow(coded('DATA_INVALID'));
    await expect(datasetStatistics(made(async (index) => image(2, 2, index === 3 ? 3 : 1)))).rejects.toThrow(
      coded('SHAPE_MISMATCH', 'found 1 and 3'),
    );
  });

  it('stops when told to', async () => {
    const stop = new AbortController();
    const set = toDataset(madeSet({ count: 100 }));
    const onProgress = () => stop.abort();
    await expect(datasetStatistics(set, { signal: stop.signal, onProgress })).rejects.toThrow(
      coded('ABORTED'),
    );
  });
});
