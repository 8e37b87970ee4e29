import { formatCount } from '@resnet/core';
import type { ClassMatch } from '@resnet/data';
import { formatSome } from '../shared/terminal/format.js';

/** Which classes of the test data were mapped to ones of the training data, and which are missing; undefined if none. */
export function describeTestClasses({ mapped, absent }: Omit<ClassMatch, 'indices'>): string | undefined {
  const pairs = mapped.map(({ name, as }) => `${name} to ${as}`);
  const parts = [
    ...(mapped.length > 0
      ? [`${formatCount(mapped.length)} of the test data mapped: ${formatSome(pairs)}`]
      : []),
    ...(absent.length > 0
      ? [`${formatCount(absent.length)} not in the test data: ${formatSome(absent)}`]
      : []),
  ];
  return parts.length > 0 ? parts.join('; ') : undefined;
}
