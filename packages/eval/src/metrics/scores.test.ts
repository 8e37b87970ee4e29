import { describe, expect, it } from 'vitest';
import { crossEntropy, predictedClass, rankOfLabel, ScoreAverage, softmax } from './scores.js';

describe('scores', () => {
  it('ranks by score, ties by class, and never counts a broken score as right', () => {
    const scores = Float32Array.of(1, 3, 2, 3);
    expect([0, 1, 2, 3].map((label) => rankOfLabel(scores, label))).toEqual([3, 0, 2, 1]);
    expect(predictedClass(scores)).toBe(1);
    const broken = Float32Array.of(0, Number.NaN);
    expect([0, 1].map((label) => rankOfLabel(broken, label))).toEqual([1, 1]);
    expect(predictedClass(broken)).toBe(1);
    expect(predictedClass(Float32Array.of(Number.NaN, 5))).toBe(0);
  });

  it('has a softmax and a cross-entropy that do not overflow', () => {
    const logits = Float32Array.of(1000, 999);
    expect(softmax(logits)[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(crossEntropy(logits, 1)).toBeCloseTo(Math.log(1 + Math.exp(1)), 12);
  });

  it('averages probabilities or logits', () => {
    const probabilities = new ScoreAverage(2, 'softmax');
    probabilities.add(Float32Array.of(0, 0), 'logits');
    probabilities.add(Float64Array.of(0.1, 0.9), 'probabilities');
    expect(probabilities.kind).toBe('probabilities');
    expect(Array.from(probabilities.mean())).toEqual([0.3, 0.7]);
    const logits = new ScoreAverage(2, 'logits');
    logits.add(Float32Array.of(2, 4), 'logits');
    logits.add(Float32Array.of(0, 2), 'logits');
    expect(logits.kind).toBe('logits');
    expect(Array.from(logits.mean())).toEqual([1, 3]);
  });
});
