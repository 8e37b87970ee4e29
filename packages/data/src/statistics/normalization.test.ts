import { coded, madeSet } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { perPixelMean } from './image-statistics.js';
import { IMAGENET_NORMALIZATION, normalize, perPixelMeanNormalization } from './normalization.js';

describe('normalize', () => {
  it('subtracts the mean and divides by the deviation of each channel', () => {
    const set = madeSet();
    const expected = Float32Array.from(set.images, (pixel, position) => {
      const { mean, std } = IMAGENET_NORMALIZATION;
      return (pixel / 255 - mean[position % 3]!) / std[position % 3]!;
    });
    expect(normalize(set, IMAGENET_NORMALIZATION)).toEqual(expected);
  });

  it('subtracts the mean image, so that the mean of the training set is 0 at every position', () => {
    const set = madeSet({ count: 50 });
    const normalization = perPixelMeanNormalization(set);
    expect(normalization.mean).toEqual(perPixelMean(set));
    expect([...normalization.std]).toEqual([1, 1, 1]);
    const values = normalize(set, normalization);
    for (let position = 0; position < 60; position++) {
      const column = Array.from({ length: 50 }, (_, index) => values[index * 60 + position]!);
      expect(column.reduce((sum, value) => sum + value, 0) / 50).toBeCloseTo(0, 6);
      expect(values[position]).toBeCloseTo(set.images[position]! / 255 - normalization.mean[position]!, 6);
    }
  });

  it('refuses a mean, a deviation or pixels that do not fit', () => {
    const set = madeSet();
    const { mean, std } = IMAGENET_NORMALIZATION;
    expect(() => normalize(set, { mean: new Float32Array(59), std })).toThrow(
      coded('SHAPE_MISMATCH', '3 numbers (one a channel) or 60 (one a value of an image), found 59'),
    );
    expect(() => normalize(set, { mean, std: new Float32Array(60).fill(1) })).toThrow(
      coded('SHAPE_MISMATCH', 'found 60'),
    );
    expect(() => normalize({ ...set, count: 9 }, { mean, std })).toThrow(
      coded('SHAPE_MISMATCH', '540 bytes'),
    );
    expect(() => normalize(set, { mean, std: Float32Array.of(1, 0, 1) })).toThrow(
      coded('OPTION_INVALID', '1, 0, 1'),
    );
  });
});
