import { describe, expect, it } from 'vitest';
import { checkRecipe, learningRateAt, recipe, recipes, withIterations } from '../index.js';

describe('recipes', () => {
  it('has the numbers of the paper', () => {
    expect(recipe('cifar10-paper')).toMatchObject({
      batchSize: 128,
      iterations: 64_000,
      learningRate: 0.1,
      schedule: { kind: 'steps', milestones: [32_000, 48_000], factor: 0.1 },
      momentum: 0.9,
      weightDecay: 0.0001,
    });
  });

  it.each([
    [0, 0.1],
    [31_999, 0.1],
    [32_000, 0.01],
    [47_999, 0.01],
    [48_000, 0.001],
    [63_999, 0.001],
  ])('has at iteration %i the learning rate %f', (iteration, rate) => {
    expect(learningRateAt(recipe('cifar10-paper'), iteration)).toBeCloseTo(rate, 12);
  });

  it('holds together in every recipe', () => {
    for (const [name, numbers] of Object.entries(recipes)) {
      expect(numbers.name).toBe(name);
      checkRecipe(numbers);
    }
  });

  it.each(Object.keys(recipes))(
    '%s has the same rates when it is made shorter, at the same shares of it',
    (name) => {
      const whole = recipe(name);
      const tenth = withIterations(whole, whole.iterations / 10);
      checkRecipe(tenth);
      for (const share of [0, 0.01, 0.3, 0.5, 0.6, 0.7, 0.8, 0.95]) {
        const at = Math.ceil(share * tenth.iterations);
        // One cycle ends at its last step, which is one of fewer here.
        const digits = whole.schedule.kind === 'one-cycle' ? 3 : 6;
        expect(learningRateAt(tenth, at)).toBeCloseTo(learningRateAt(whole, 10 * at), digits);
      }
    },
  );

  it('has a rate for every step of a cycle of a few', () => {
    for (let iterations = 1; iterations <= 20; iterations++) {
      const short = withIterations(recipe('cifar10-fast'), iterations);
      for (let at = 0; at < iterations; at++) {
        expect(learningRateAt(short, at), `${at} of ${iterations}`).toBeGreaterThan(0);
      }
    }
  });

  it('names the nearest recipe, and refuses numbers that make no sense', () => {
    expect(() => recipe('cifar-paper')).toThrow(
      expect.objectContaining({ message: expect.stringContaining("'cifar10-paper'") }),
    );
    expect(() => recipe('constructor')).toThrow(expect.objectContaining({ code: 'UNKNOWN_NAME' }));
    for (const change of [
      { batchSize: 0 },
      { iterations: 1.5 },
      { learningRate: Number.NaN },
      { accumulation: 0 },
      { labelSmoothing: 1 },
      { clipNorm: 0 },
      { averaging: -0.1 },
      { momentum: 1 },
      { weightDecay: -1 },
      { reestimateImages: -1 },
      { seed: 0.5 },
      { schedule: { ...recipe('cifar10-fast').schedule, shape: 'square' } as never },
    ]) {
      expect(() => recipe('digits', change)).toThrow(
        expect.objectContaining({
          code: 'OPTION_INVALID',
          message: expect.stringContaining(Object.keys(change)[0]!),
        }),
      );
    }
  });
});
