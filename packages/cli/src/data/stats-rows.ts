import { formatCount } from '@resnet/core';
import type { Spread } from '@resnet/data';
import type { Row } from '../shared/terminal/print.js';
import { describeClass } from '../shared/weights/class-names.js';

/** How many of the largest, and of the smallest, classes are named. */
const NAMED = 5;

/** The sizes of the classes, and the largest and smallest ones if they differ. */
export function largestAndSmallest(classes: readonly string[], classCounts: readonly number[]): Row[] {
  const sorted = classCounts
    .map((count, label) => ({ count, label }))
    .sort((a, b) => b.count - a.count || a.label - b.label);
  const [most, fewest] = [sorted[0]?.count ?? 0, sorted.at(-1)?.count ?? 0];
  if (most === fewest) return [['a class', formatCount(most)]];
  const list = (entries: typeof sorted) =>
    entries.map(({ count, label }) => `${describeClass(classes[label]!)} ${formatCount(count)}`).join(', ');
  return [
    ['a class', `from ${formatCount(fewest)} to ${formatCount(most)}`],
    ['most', list(sorted.slice(0, NAMED))],
    ['fewest', list(sorted.slice(-NAMED).reverse())],
  ];
}

export function formatSpread(spread: Spread | undefined): string {
  if (!spread) return 'none';
  const { min, median, max } = spread;
  return `${formatCount(min)} to ${formatCount(max)}, median ${formatCount(median)}`;
}

export function formatChannels(values: readonly number[]): string {
  return values.length === 0 ? 'none' : values.map((value) => value.toFixed(4)).join(', ');
}
