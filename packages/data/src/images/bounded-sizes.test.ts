import { Random } from '@resnet/core';
import { coded, madeSet } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { loader } from '../loading/loader.js';
import {
  randomResizedCrop,
  randomScaledCrop,
  resize,
  resizeShorterSide,
  scaledCenterCrop,
} from '../transforms/resize.js';
import type { Image } from './image.js';

/** As thin as can be. */
const thin = (height: number, width: number): Image => ({
  height,
  width,
  channels: 3,
  pixels: new Uint8Array(3 * height * width),
});

describe('a thin image', () => {
  it.each([
    [1, 30_000_000],
    [30_000_000, 1],
  ])('of %d x %d is scaled to what fits into memory, or refused', (height, width) => {
    const image = thin(height, width);
    const before = performance.now();
    expect(() => resizeShorterSide(256)(image, new Random(0))).toThrow(coded('IMAGE_INVALID', 'pixels'));
    for (const transform of [scaledCenterCrop(), randomScaledCrop(), randomResizedCrop(224)]) {
      expect(transform(image, new Random(0))).toMatchObject({ height: 224, width: 224 });
    }
    expect(performance.now() - before).toBeLessThan(4000);
  });

  it('is refused for sizes that are too large', () => {
    expect(() => resize(thin(2, 2), { height: 1e9, width: 1 })).toThrow(coded('OPTION_INVALID', 'pixels'));
  });
});

describe('a loader', () => {
  it('starts no 100,000 threads and makes no million batches ahead', () => {
    for (const options of [{ workers: 100_000 }, { prefetch: 1_000_000 }]) {
      expect(() => loader(madeSet(), { batchSize: 1, ...options })).toThrow(
        coded('OPTION_INVALID', 'from 0 to'),
      );
    }
  });
});
