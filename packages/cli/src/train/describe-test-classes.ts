import { formatCount } from '@resnet/core';
import type { ClassMatch } from '@resnet/data';
import { formatSome } from '../shared/terminal/format.js';

/** How the classes of test data were found among those of the training data, where anything was mapped or is missing. */
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
