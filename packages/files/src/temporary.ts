import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a temporary name ends with: nobody can tell it before, and nobody's own file ends so. */
const ENDING = /^\.[0-9a-f]{16}\.tmp$/;
/** File systems take names of 255 bytes. */
const MOST_BYTES = 200;

/** A name beside a path for what is to be renamed to it: hidden, random, another at each call. */
export function temporaryName(path: string): string {
  return join(dirname(path), `${startOf(path)}.${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Removes what processes that were killed while they wrote this file or folder have left beside it. For those who keep other
 * writers of the path out.
 *
 * @param remove what to do with the path of a leftover; default: remove that file
 */
export async function removeTemporaries(
  path: string,
  remove: (leftover: string) => Promise<void> = (leftover) => rm(leftover, { force: true }),
): Promise<void> {
  const start = startOf(path);
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(start) && ENDING.test(name.slice(start.length))) {
      await remove(join(dirname(path), name));
    }
  }
}

function startOf(path: string): string {
  return `.${Buffer.from(basename(path)).subarray(0, MOST_BYTES).toString()}`;
}
