import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ResnetError } from '@resnet/backend';
import writeFileAtomic from 'write-file-atomic';

/**
 * Writes a file, creating its folder. The file appears whole or not at all: it is written under a temporary name
 * beside its own, synced and renamed; a file that was there before stays until then.
 *
 * @throws FILE_UNWRITABLE if the file or its folder can't be written
 */
export async function writeWholeFile(path: string, contents: Uint8Array | string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // write-file-atomic would take a disk that fills up while it writes for success; fs.writeFile does not.
    await writeFileAtomic(path, '', { tmpfileCreated: (temporary) => writeFile(temporary, contents) });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ResnetError('FILE_UNWRITABLE', `Can't write ${path}: ${problem}.`, { cause });
  }
}
