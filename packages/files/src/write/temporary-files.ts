import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Nobody can tell such a name before, and nobody's own file has one. */
const TEMPORARY = /^\.(.+)\.[0-9a-f]{16}\.tmp$/;
/** File systems take names of 255 bytes. */
const MOST_BYTES = 200;

/** A name beside a path for what is to be renamed to it: hidden, random, another at each call. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${startOf(path)}.${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Removes what processes that were killed while they wrote files into a folder have left there. For those who keep other
 * writers of these files out.
 *
 * @param isOurs tells by the name of the file, of which the end is missing if it is long
 */
export async function removeTemporaries(folder: string, isOurs: (name: string) => boolean): Promise<void> {
  for (const temporary of await readdir(folder)) {
    const [, name] = TEMPORARY.exec(temporary) ?? [];
    if (name !== undefined && isOurs(name)) await rm(join(folder, temporary), { force: true });
  }
}

function startOf(path: string): string {
  return Buffer.from(basename(path)).subarray(0, MOST_BYTES).toString();
}
