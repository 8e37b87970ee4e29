import { expect, it } from 'vitest';
import { formatBytes, formatDuration, formatErrors, formatShape, formatSome, formatSpeed } from './format.js';

it('formats numbers for people', () => {
  expect(formatErrors(827, 10_000)).toBe('8.27 %  (827 of 10,000 wrong)');
  expect([5, 65, 3599.6, 3725].map(formatDuration)).toEqual(['0:05', '1:05', '1:00:00', '1:02:05']);
  expect([1.84, 812.4, 2134].map(formatSpeed)).toEqual(['1.8 images/s', '812 images/s', '2,134 images/s']);
  expect(formatBytes(1.5 * 2 ** 30)).toBe('1.5 GiB');
  expect([['ant'], ['ant', 'bee', 'cat', 'dog']].map((names) => formatSome(names))).toEqual([
    'ant',
    'ant, bee, cat, …',
  ]);
  expect(formatShape([32, 32, 3])).toBe('32 × 32 × 3');
});
