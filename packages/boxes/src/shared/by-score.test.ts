import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byScore } from './by-score.js';

it('sorts as a comparison of all does', () => {
  const score = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double(), fc.constantFrom(Number.NaN, 0, -0));
  fc.assert(
    fc.property(fc.array(score), (scores) => {
      const rank = (value: number) => (Number.isNaN(value) ? [1, 0] : [0, value]);
      const expected = [...scores.keys()].sort((a, b) => {
        const [first, second] = [rank(scores[a]!), rank(scores[b]!)];
        if (first[0] !== second[0]) return second[0]! - first[0]!;
        return first[1] === second[1] ? a - b : first[1]! > second[1]! ? -1 : 1;
      });
      expect([...byScore(scores)]).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
