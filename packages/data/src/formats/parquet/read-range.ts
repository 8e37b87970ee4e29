import { ResnetError } from '@resnet/core';
import { openRegularFile, unreadable } from '@resnet/files/node';

/** How many bytes a file has. @throws DATA_MISSING or FILE_UNREADABLE */
export async function sizeOf(path: string): Promise<number> {
  const file = await openFile(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/**
 * Reads a part of a file into fresh memory.
 *
 * @throws DATA_MISSING or FILE_UNREADABLE; an Error if the file ends before
 */
export async function readRange(path: string, start: number, length: number): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
      if (bytesRead === 0) throw new Error('that its end is missing');
      filled += bytesRead;
    }
    return bytes;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw unreadable(path, cause);
  } finally {
    await file.close();
  }
}

async function openFile(path: string) {
  return openRegularFile(path).catch((cause) => {
    if (cause.code !== 'ENOENT') throw unreadable(path, cause);
    throw new ResnetError('DATA_MISSING', `'${path}' must be a Parquet file, found none of this name.`, {
      cause,
    });
  });
}
