import fc from 'fast-check';
import { expect, it } from 'vitest';
import { highest } from './highest.js';

it('finds the largest values in descending order, of equal ones the first', () => {
  const value = fc.oneof(
    fc.constantFrom(0, 1, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.float({ noDefaultInfinity: true, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), fc.nat(70), (list, count) => {
      const values = Float32Array.from(list);
      const rank = (index: number) =>
        Number.isNaN(values[index]!) ? Number.NEGATIVE_INFINITY : values[index]!;
      const sorted = [...values.keys()].sort((a, b) => {
        const [first, second] = [rank(a), rank(b)];
        return first === second ? a - b : first < second ? 1 : -1;
      });
      expect([...highest(values, count)]).toEqual(sorted.slice(0, count));
    }),
    { seed: 1, numRuns: 300 },
  );
});
