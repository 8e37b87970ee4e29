import { describe, expect, it } from 'vitest';
import { histogramOf } from './histogram.js';

describe('histogramOf', () => {
  it('counts every value in one of 30 buckets', () => {
    const histogram = histogramOf(Float32Array.from({ length: 61 }, (_, index) => index - 15))!;
    expect(histogram).toMatchObject({ min: -15, max: 45, count: 61, sum: 915 });
    expect(histogram.sumOfSquares).toBe(61 * 15 * 15 + (2 * (30 * 31 * 61)) / 6);
    expect(histogram.counts).toEqual([...new Array(29).fill(2), 3]);
    expect(histogram.edges).toEqual(Array.from({ length: 30 }, (_, index) => -13 + 2 * index));
  });

  it('has one bucket for one value, and none for none', () => {
    expect(histogramOf(Float32Array.of(0.5, 0.5))).toMatchObject({ edges: [0.5], counts: [2] });
    expect(histogramOf(new Float32Array(0))).toBeUndefined();
  });

  it('leaves out what is not finite', () => {
    const { NaN: none, POSITIVE_INFINITY: infinity } = Number;
    const histogram = histogramOf(Float32Array.of(none, 1, 4, infinity, -infinity))!;
    expect(histogram).toMatchObject({ min: 1, max: 4, count: 2, sum: 5 });
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(2);
    expect(histogramOf(Float32Array.of(none))).toBeUndefined();
  });
});
