import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ResnetError } from '@resnet/backend/error';
import writeFileAtomic from 'write-file-atomic';

/**
 * Writes a file, creating its folder. The file appears whole or not at all: it is written under a temporary
 * name beside its own, synced and renamed; a file that was there before stays until then.
 *
 * @param contents all of it, or piece by piece; if the pieces end with a `ResnetError`, nothing appears
 * @throws FILE_UNWRITABLE if the file or its folder can't be written; the error that the pieces end with
 */
export async function writeWholeFile(
  path: string,
  contents: Uint8Array | string | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // write-file-atomic would take a disk that fills up while it writes for success; fs.writeFile does not.
    await writeFileAtomic(path, '', { tmpfileCreated: (temporary) => writeFile(temporary, contents) });
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ResnetError('FILE_UNWRITABLE', `Can't write ${path}: ${problem}.`, { cause });
  }
}
