import { expect, it } from 'vitest';
import { formatCount, formatPercent } from './format.js';

it('formats counts and shares', () => {
  expect(formatCount(64_000)).toBe('64,000');
  expect([0.0827, 1, Number.NaN].map(formatPercent)).toEqual(['8.27 %', '100.00 %', 'not a number']);
});
