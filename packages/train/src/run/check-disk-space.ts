import { statfs } from 'node:fs/promises';
import { ResnetError } from '@resnet/core';

/**
 * Refuses a disk that a run would fill.
 *
 * @param folder must be there
 * @param bytes that are going to be written into it
 * @throws FILE_UNWRITABLE if there is less room
 */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(folder);
  // File systems that know no size say 0.
  if (blocks === 0 || bavail * bsize >= bytes) return;
  throw new ResnetError(
    'FILE_UNWRITABLE',
    `The disk of ${folder} has ${megabytes(bavail * bsize)} left; this run needs ${megabytes(bytes)}. ` +
      'Make room, or train into another folder.',
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
