import { coded, madeSet } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { loader } from '../loading/loader.js';
import type { Dataset } from './dataset.js';
import { sliceImages } from './slice.js';
import { splitImages } from './split.js';
import { toDataset } from './to-dataset.js';

const memory = madeSet({ count: 10 });
const paths = Array.from({ length: 10 }, (_, index) => `${index}.png`);
const files = { ...toDataset(memory), encoded: async (index: number) => paths[index]!, paths };

const labelsOf = async (set: Dataset) => {
  const labels: number[] = [];
  for await (const batch of loader(set, { batchSize: 4 }).epoch(0)) labels.push(...batch.labels);
  return labels;
};

describe('sliceImages', () => {
  it('gives images, labels and paths of the part alone, by their indices in it', async () => {
    const part = sliceImages(files, 3, 7);
    const expected = sliceImages(memory, 3, 7);
    expect(part).toMatchObject({
      count: 4,
      labels: Int32Array.from(expected.labels),
      paths: paths.slice(3, 7),
    });
    expect((await part.read(1)).pixels).toEqual(memory.images.subarray(4 * 60, 5 * 60));
    expect(await part.encoded(3)).toBe('6.png');
    await expect(part.read(4)).rejects.toThrow(coded('OPTION_INVALID', 'from 0 to 3, found 4'));
  });

  it.each([
    [-1, 3],
    [4, 3],
    [0, 11],
    [0.5, 3],
  ])('refuses the part from %s to %s of 10 images', (first, end) => {
    for (const set of [memory, files]) {
      expect(() => sliceImages(set, first, end)).toThrow(coded('OPTION_INVALID', 'must be an integer'));
    }
  });
});

describe('parts of a set that can be streamed and read by its indices', () => {
  const both: Dataset = {
    ...files,
    countFor: () => 10,
    async *stream() {
      yield* [];
      throw new Error('the whole set is streamed');
    },
  };

  it('read their images alone', async () => {
    const expected = [...memory.labels];
    expect(await labelsOf(sliceImages(both, 3, 7))).toEqual(expected.slice(3, 7));
    const { train, heldOut } = splitImages(both, 4, 0);
    expect([...(await labelsOf(train)), ...(await labelsOf(heldOut))].sort()).toEqual(expected.sort());
  });
});
