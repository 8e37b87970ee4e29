import { fsync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What file systems answer that hold nothing back, or can't tell. */
const UNABLE = ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL'];
let hasWarned = false;

/**
 * Waits until what was written to an open file or folder is on the disk. Where the system can't say so, this does nothing, and
 * tells it in a warning of the process, once.
 */
export async function syncToDisk({ fd }: Pick<FileHandle, 'fd'>): Promise<void> {
  try {
    // Not by the handle's own sync(), which the handles of Yarn's Plug'n'Play don't have.
    await promisify(fsync)(fd);
  } catch (error) {
    if (!UNABLE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if (hasWarned) return;
    hasWarned = true;
    process.emitWarning(
      `This file system can't tell when a file is on the disk (${(error as Error).message}): what was written last may be lost if the power fails.`,
    );
  }
}
