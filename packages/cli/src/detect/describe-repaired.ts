import { formatCount } from '@resnet/core';
import type { DetectionDataset } from '@resnet/data';

/** What was left out or changed of the boxes of sets; undefined if nothing was. */
export function describeRepaired(sets: readonly DetectionDataset[]): string | undefined {
  const counts = new Map<string, { count: number; example: string }>();
  for (const { reason, count, examples } of sets.flatMap(({ repaired = [] }) => repaired)) {
    const before = counts.get(reason);
    counts.set(reason, {
      count: count + (before?.count ?? 0),
      example: before?.example ?? examples[0] ?? '',
    });
  }
  if (counts.size === 0) return undefined;
  return [...counts]
    .map(([reason, { count, example }]) => `${formatCount(count)} ${reason} (${example})`)
    .join('; ');
}
