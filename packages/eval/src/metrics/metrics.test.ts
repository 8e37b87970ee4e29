import { describe, expect, it } from 'vitest';
import {
  calibrationError,
  classErrors,
  confusionMatrix,
  type Evaluation,
  errorInterval,
  mergeEvaluations,
  topErrors,
} from '../index.js';
import { Tally } from './tally.js';

/** Probabilities of three classes, and labels. */
const rows = [
  [0.7, 0.2, 0.1],
  [0.1, 0.5, 0.4],
  [0.2, 0.3, 0.5],
  [0.9, 0.05, 0.05],
];
const labels = [0, 2, 1, 0];

function tallied(from: number, to: number): Evaluation {
  const tally = new Tally(3, from);
  for (let index = from; index < to; index++) {
    tally.add({ scores: Float64Array.from(rows[index]!), kind: 'probabilities' }, labels[index]!);
  }
  return tally.result(1);
}

describe('metrics', () => {
  const whole = tallied(0, 4);

  it('counts errors by k and by class', () => {
    expect([1, 2, 3].map((k) => topErrors(whole, k))).toEqual([2, 0, 0]);
    expect(() => topErrors(whole, 0)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(classErrors(whole)).toEqual([
      { label: 0, count: 2, top1Errors: 0 },
      { label: 1, count: 1, top1Errors: 1 },
      { label: 2, count: 1, top1Errors: 1 },
    ]);
    expect(Array.from(confusionMatrix(whole))).toEqual([2, 0, 0, 0, 0, 1, 0, 1, 0]);
    expect(whole.mistakes.map(({ index }) => index)).toEqual([2, 1]);
    expect(whole.mistakes[0]).toEqual({
      index: 2,
      label: 1,
      predicted: 2,
      probability: 0.5,
      labelProbability: 0.3,
    });
  });

  it('has the calibration error of the definition', () => {
    // Bins: 0.7 right, 0.5 twice wrong, 0.9 right.
    const expected = (Math.abs(0.7 - 1) + Math.abs(1 - 0) + Math.abs(0.9 - 1)) / 4;
    expect(calibrationError(whole)).toBeCloseTo(expected, 8);
    expect(whole.calibration.reduce((total, { count }) => total + count, 0)).toBe(4);
  });

  it('has the intervals of statsmodels’ proportion_confint(method="wilson")', () => {
    const intervals = [
      [0, 10, 0, 0.2775327998628892],
      [10, 10, 0.7224672001371107, 1],
      [5, 10, 0.23659309051256394, 0.763406909487436],
      [827, 10_000, 0.07746, 0.08826],
    ] as const;
    for (const [errors, count, low, high] of intervals) {
      const [foundLow, foundHigh] = errorInterval(errors, count);
      expect(foundLow).toBeCloseTo(low, 5);
      expect(foundHigh).toBeCloseTo(high, 5);
    }
  });

  it('adds parts up to the whole, whatever their order', () => {
    const merged = mergeEvaluations([tallied(3, 4), tallied(0, 1), tallied(1, 3)]);
    expect({ ...merged, seconds: 1 }).toEqual(whole);
    expect(mergeEvaluations([tallied(3, 4), tallied(0, 1)]).ranges).toEqual([
      [0, 1],
      [3, 4],
    ]);
    const invalid = expect.objectContaining({ code: 'OPTION_INVALID' });
    expect(() => mergeEvaluations([])).toThrow(invalid);
    expect(() => mergeEvaluations([whole, tallied(2, 3)])).toThrow(invalid);
    expect(() => mergeEvaluations([whole, { ...whole, classes: 4 }])).toThrow(invalid);
  });
});
