import { fsync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The errors of file systems that can't sync. */
const UNABLE = ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL'];
let hasWarned = false;

/**
 * Waits until the writes to an open file or folder are on the disk. Where the system can't sync, this emits a process warning,
 * once, and does nothing else.
 */
export async function syncToDisk({ fd }: Pick<FileHandle, 'fd'>): Promise<void> {
  try {
    // Not the handle's sync(), which the handles of Yarn's Plug'n'Play lack.
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

/**
 * Waits until the names in a folder are on the disk: after a power failure, a renamed file could otherwise have its old name.
 * Where the system doesn't open folders, this does nothing.
 */
export async function syncFolder(folder: string): Promise<void> {
  // On Windows the rename itself is durable; a folder that may be written need not be readable.
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    if (handle) await syncToDisk(handle);
  } finally {
    await handle?.close();
  }
}
