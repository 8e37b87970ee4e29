import { describe, expect, it } from 'vitest';
import { Random } from './random.js';

const draw = (random: Random, count: number, next: (random: Random) => number) =>
  Array.from({ length: count }, () => next(random));

describe('Random', () => {
  it('gives the same numbers for the same seed and stream, and others for others', () => {
    const numbers = (...words: [number, ...number[]]) => draw(new Random(...words), 8, (r) => r.uniform());
    expect(numbers(1, 2, 3)).toEqual(numbers(1, 2, 3));
    const streams = [numbers(1, 2, 3), numbers(1, 2, 4), numbers(2, 2, 3), numbers(1, 3, 2), numbers(1)];
    expect(new Set(streams.map(String)).size).toBe(streams.length);
  });

  it('pins its numbers, so that a seed keeps its meaning from release to release', () => {
    expect(draw(new Random(2015), 6, (r) => r.int(1000))).toMatchInlineSnapshot(`
      [
        661,
        441,
        961,
        12,
        659,
        941,
      ]
    `);
  });

  it('draws uniform and normal numbers with the right moments, also across neighboring streams', () => {
    const uniform = Array.from({ length: 20_000 }, (_, index) => new Random(7, index).uniform());
    const normal = draw(new Random(7), 20_000, (r) => r.normal());
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(mean(uniform.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(mean(normal.map((value) => value ** 2))).toBeCloseTo(1, 1);
    expect(mean(normal.map((value) => value ** 4))).toBeCloseTo(3, 0);
  });

  it('permutes: every place once, and every order equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const key = new Random(seed).permutation(3).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('refuses a seed that is no integer', () => {
    expect(() => new Random(0.5)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});
