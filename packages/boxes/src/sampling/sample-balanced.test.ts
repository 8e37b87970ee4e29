import { Random } from '@resnet/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleBalanced } from './sample-balanced.js';

it('draws as many positive examples as there are up to their share, and negative ones for the rest', () => {
  const labels = fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 60 });
  fc.assert(
    fc.property(
      labels,
      fc.nat(40),
      fc.constantFrom(0, 0.25, 0.5, 1),
      fc.nat(),
      (labels, count, share, seed) => {
        const draw = () => sampleBalanced(labels, { count, positiveShare: share, random: new Random(seed) });
        const { positive, negative } = draw();
        expect(draw()).toEqual({ positive, negative });
        const countOf = (isWanted: (label: number) => boolean) => labels.filter(isWanted).length;
        expect(positive.length).toBe(
          Math.min(
            countOf((label) => label >= 1),
            Math.floor(count * share),
          ),
        );
        expect(negative.length).toBe(
          Math.min(
            countOf((label) => label === 0),
            count - positive.length,
          ),
        );
        expect(positive.every((index) => labels[index]! >= 1)).toBe(true);
        expect(negative.every((index) => labels[index] === 0)).toBe(true);
        for (const drawn of [positive, negative]) {
          expect(drawn.every((index, at) => at === 0 || index > drawn[at - 1]!)).toBe(true);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('refuses a count or a share that can not be', () => {
  const draw = (count: number, positiveShare: number) => () =>
    sampleBalanced([1, 1, 0], { count, positiveShare, random: new Random(1) });
  const code = expect.objectContaining({ code: 'OPTION_INVALID' });
  for (const share of [-0.5, 2, Number.NaN]) expect(draw(2, share)).toThrow(code);
  for (const count of [-1, 1.5, Number.NaN]) expect(draw(count, 0.5)).toThrow(code);
});

it('draws each example as often', () => {
  const random = new Random(1);
  const counts = new Int32Array(8);
  for (let round = 0; round < 4000; round++) {
    const { negative } = sampleBalanced(
      counts.map(() => 0),
      { count: 2, positiveShare: 0.5, random },
    );
    for (const index of negative) counts[index]!++;
  }
  // Six standard deviations around 1,000.
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(6 * Math.sqrt(1000 * 0.75));
});
