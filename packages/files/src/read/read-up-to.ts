import type { FileHandle } from 'node:fs/promises';

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
