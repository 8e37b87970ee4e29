import { formatCount } from '@resnet/core';
import type { IgnoredFiles } from '@resnet/data';
import type { Images } from './data-sets.js';

/** Paths that a reason names. */
const NAMED = 3;

/** What a set does not have of what lies in its folder. */
export function leftOutOf(set: Images): readonly IgnoredFiles[] {
  return ('ignored' in set ? set.ignored : undefined) ?? [];
}

/** For people: '2 ending in .txt (a/notes.txt, b/notes.txt), 1 hidden (.DS_Store)'. */
export function describeLeftOut(leftOut: readonly IgnoredFiles[]): string {
  return leftOut
    .map(({ reason, count, examples }) => {
      const more = count > NAMED ? ', …' : '';
      return `${formatCount(count)} ${reason} (${examples.slice(0, NAMED).join(', ')}${more})`;
    })
    .join(', ');
}

/** Rows for several sets of a command, of which a part was passed over. */
export function leftOutRows(sets: readonly Images[]): [name: string, value: string][] {
  return sets
    .filter((set) => leftOutOf(set).length > 0)
    .map((set, place) => [
      place === 0 ? 'left out' : '',
      `of ${set.name}: ${describeLeftOut(leftOutOf(set))}`,
    ]);
}
