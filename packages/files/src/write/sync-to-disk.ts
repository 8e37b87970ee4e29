import { fsync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
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

/**
 * Waits until the names in a folder are on the disk: after a rename the file itself may be there under its old name only.
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
