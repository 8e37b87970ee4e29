import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Such a name can't be predicted, and no other file has one. */
const TEMPORARY = /^\.(.+)\.[0-9a-f]{16}\.tmp$/;
/** The most bytes of the original name; file systems allow 255 for the whole. */
const MOST_BYTES = 200;

/** A name beside a path for a file that will be renamed to it: hidden and random, another one at each call. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${startOf(path)}.${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Removes the temporary files of processes that were killed while they wrote into a folder. To be called only while other writers
 * of these files are locked out.
 *
 * @param isOurs whether to remove it, by the name of the final file; the end of a long name is missing
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
