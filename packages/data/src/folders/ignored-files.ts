import type { IgnoredFiles } from '../sets/dataset.js';

/** The most example paths of a reason, and the most reasons. */
const MOST_EXAMPLES = 5;
const MOST_REASONS = 20;

/** Counts the files that are skipped while a data set is listed. */
export class IgnoredFilesCounter {
  readonly #reasons = new Map<string, { count: number; examples: string[] }>();

  add(reason: string, path: string): void {
    const isNew = !this.#reasons.has(reason) && this.#reasons.size >= MOST_REASONS;
    const key = isNew ? 'of other kinds' : reason;
    const entry = this.#reasons.get(key) ?? { count: 0, examples: [] };
    this.#reasons.set(key, entry);
    entry.count++;
    if (entry.examples.length < MOST_EXAMPLES) entry.examples.push(path);
  }

  list(): IgnoredFiles[] {
    return [...this.#reasons].map(([reason, { count, examples }]) => ({ reason, count, examples }));
  }
}

/** The reason for a file whose name is not that of an image. */
export function byExtension(name: string): string {
  const point = name.lastIndexOf('.');
  return point > 0 ? `ending in ${name.slice(point).toLowerCase()}` : 'without an ending';
}

/** For messages: '12 ending in .heic, 1 hidden'; 'nothing else' where there is nothing. */
export function describeIgnored(ignored: readonly IgnoredFiles[]): string {
  return ignored.map(({ reason, count }) => `${count} ${reason}`).join(', ') || 'nothing else';
}
