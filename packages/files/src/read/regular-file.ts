import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { readUpTo } from './read-up-to.js';

/**
 * Opens a regular file to read it. Others are refused: reading a pipe may wait forever, and a device such as /dev/zero gives bytes
 * without end.
 *
 * @throws Error with the system's message, or saying that it is no regular file
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a pipe waits for a writer. Windows has neither.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    if (!found.isFile())
      throw new Error(`it is ${found.isDirectory() ? 'a folder' : 'a pipe or a device'}, no file`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * All of a file's bytes.
 *
 * @param mostBytes the most bytes that it may have
 * @throws Error as `openRegularFile`, or if it has more bytes
 */
export async function readRegularFile(path: string, mostBytes: number): Promise<Uint8Array> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw new Error(`it has ${size} bytes, more than the ${mostBytes} that are read`);
    return await readUpTo(file, size);
  } finally {
    await file.close();
  }
}

/** `readRegularFile` as text. */
export async function readRegularText(path: string, mostBytes: number): Promise<string> {
  return new TextDecoder().decode(await readRegularFile(path, mostBytes));
}

/**
 * A file's bytes in chunks of up to a MiB.
 *
 * @param mostBytes after which reading ends
 * @throws Error as `openRegularFile`
 */
export async function* streamRegularFile(
  path: string,
  mostBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array, void> {
  const file = await openRegularFile(path);
  const end = Number.isFinite(mostBytes) ? { end: mostBytes - 1 } : {};
  // The stream closes the file.
  yield* file.createReadStream({ highWaterMark: 2 ** 20, ...end });
}
