import { formatCount } from '@resnet/core';
import type { IgnoredFiles } from '@resnet/data';
import type { Row } from '../terminal/print.js';
import type { Images } from './data-sets.js';

/** The most paths that are named for a reason. */
const NAMED = 3;

/** The files in the folder of a set that are none of its images. */
export function leftOutOf(set: Images): readonly IgnoredFiles[] {
  return ('ignored' in set ? set.ignored : undefined) ?? [];
}

/** For people: '2 ending in .txt (a/notes.txt, b/notes.txt), 1 hidden (.DS_Store)'. */
export function describeLeftOut(leftOut: readonly IgnoredFiles[]): string {
  return leftOut
    .map(
      ({ reason, count, examples }) =>
        `${formatCount(count)} ${reason} (${examples.slice(0, NAMED).join(', ')}${count > NAMED ? ', …' : ''})`,
    )
    .join(', ');
}

/** A row for sets of a command, with those that have some. */
export function leftOutRow(sets: readonly Images[]): Row {
  const some = sets.filter((set) => leftOutOf(set).length > 0);
  return ['left out', some.map((set) => `of ${set.name}: ${describeLeftOut(leftOutOf(set))}`)];
}
