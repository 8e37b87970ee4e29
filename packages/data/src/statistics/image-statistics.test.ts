import { coded, madeSet } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { imageAt } from '../sets/image-set.js';
import { channelStatistics, perPixelMean } from './image-statistics.js';

describe('perPixelMean', () => {
  it('averages each position over the images, in 0..1', () => {
    const set = madeSet({ count: 7 });
    const mean = perPixelMean(set);
    expect(mean.length).toBe(4 * 5 * 3);
    for (let position = 0; position < mean.length; position++) {
      let sum = 0;
      for (let index = 0; index < 7; index++) sum += imageAt(set, index).pixels[position]! / 255;
      expect(mean[position]).toBeCloseTo(sum / 7, 6);
    }
  });

  it('refuses an empty set', () => {
    const empty = { ...madeSet(), count: 0, images: new Uint8Array(), labels: new Uint8Array() };
    expect(() => perPixelMean(empty)).toThrow(coded('DATA_INVALID'));
    expect(() => channelStatistics(empty)).toThrow(coded('DATA_INVALID'));
  });
});

describe('channelStatistics', () => {
  it('gives mean and deviation of each channel, in 0..1', () => {
    const set = madeSet({ count: 7 });
    const { mean, std } = channelStatistics(set);
    expect([mean.length, std.length]).toEqual([3, 3]);
    for (let channel = 0; channel < 3; channel++) {
      const values = [...set.images]
        .filter((_, position) => position % 3 === channel)
        .map((value) => value / 255);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
      expect(mean[channel]).toBeCloseTo(average, 12);
      expect(std[channel]).toBeCloseTo(Math.sqrt(variance), 12);
    }
  });

  it('gives a deviation of exactly 0 for one color', () => {
    const set = madeSet();
    expect(channelStatistics({ ...set, images: set.images.map(() => 77) }).std).toEqual([0, 0, 0]);
  });
});
