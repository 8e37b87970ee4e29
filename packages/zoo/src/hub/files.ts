import type { FileHandle } from 'node:fs/promises';
import { ResnetError } from '@resnet/backend';

const bytesPerRead = 2 ** 30;

/** The first bytes of a file, fewer if it is shorter. */
export async function readUpTo(file: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let position = 0;
  while (position < length) {
    // Node reads at most 2 GiB at a time.
    const wanted = Math.min(bytesPerRead, length - position);
    const { bytesRead } = await file.read(bytes, position, wanted, position);
    if (bytesRead === 0) break;
    position += bytesRead;
  }
  return bytes.subarray(0, position);
}

/** The error for a cached file that can't be written, with what a person can do. */
export function unwritable(path: string, cause: unknown): ResnetError {
  const { code } = (cause ?? {}) as { code?: unknown };
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const problem = isFull ? 'the disk is full' : cause instanceof Error ? cause.message : String(cause);
  const advice = `${isFull ? 'Make room, or name' : 'Name'} another folder (the option cacheFolder, or RESNET_CACHE), or keep nothing (cache: false).`;
  return new ResnetError('FILE_UNWRITABLE', `Can't write ${path}: ${problem}. ${advice}`, { cause });
}
