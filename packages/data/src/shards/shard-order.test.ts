import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countFor, leavingOrder, shardsOf } from './shard-order.js';

const order = (changes = {}) => ({ seed: 5, epoch: 0, isShuffled: true, shard: [0, 1] as const, ...changes });
const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, position) => position);

describe('the order of shards', () => {
  it('is a permutation for any number of images, buffer and machine', () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(),
        fc.boolean(),
        (count, buffer, seed, isShuffled) => {
          const positions = [...leavingOrder(count, buffer, order({ seed, isShuffled }))];
          expect(ascending(positions)).toEqual(upTo(count));
          if (!isShuffled) expect(positions).toEqual(upTo(count));
          // Nothing leaves before it has come.
          for (const [turn, position] of positions.entries())
            expect(position).toBeLessThan(turn + buffer + 1);
        },
      ),
      { seed: 1 },
    );
  });

  it('shares shards among machines, of which none has fewer images than is told', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(),
        (counts, world, seed) => {
          const parts = upTo(world).map((rank) =>
            shardsOf(counts.length, order({ seed, shard: [rank, world] })),
          );
          expect(ascending(parts.flat())).toEqual(upTo(counts.length));
          for (const part of parts) {
            const count = part.reduce((sum, shard) => sum + counts[shard]!, 0);
            expect(count).toBeGreaterThanOrEqual(countFor(counts, world));
          }
          expect(countFor(counts, 1)).toBe(counts.reduce((sum, count) => sum + count, 0));
        },
      ),
      { seed: 1 },
    );
  });
});
