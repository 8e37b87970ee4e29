import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import type { WriteOptions } from '@resnet/files/node';
import type { Io } from '../terminal/io.js';

/** Of commands that write files that their options name. */
export interface OutputOptions {
  /** Whether files that are there may be replaced. */
  force?: boolean;
}

/**
 * Refuses a file that is there already, before anything is computed.
 *
 * @param otherwise what else can be done, as a clause
 * @throws FILE_UNWRITABLE
 */
export async function checkOutput(
  path: string | undefined,
  { force }: OutputOptions,
  otherwise = 'name another file',
): Promise<void> {
  if (path === undefined || force || !(await lstat(path).catch(() => undefined))) return;
  throw new ResnetError(
    'FILE_UNWRITABLE',
    `${path} is there already. Replace it with --force, or ${otherwise}.`,
  );
}

/** How to write the file: one that appears while a command computes is not replaced either, and Ctrl-C leaves nothing. */
export function replacing({ force }: OutputOptions, { signal }: Pick<Io, 'signal'>): WriteOptions {
  return { replace: force === true, ...(signal ? { signal } : {}) };
}

/** The page in a folder of a report. */
export function reportPage(folder: string): string {
  return join(folder, 'index.html');
}
