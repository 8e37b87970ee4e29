import { ResnetError } from '@resnet/core';

/** Methods that TypeScript's types of a page lack: the first exists only in workers, the second is newer. */
interface PrivateFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array, options: { at: number }): number;
    flush(): void;
    close(): void;
  }>;
  move(name: string): Promise<void>;
}

const NAME = 'training.safetensors';
const TEMPORARY = 'training.new';

/**
 * Stores a file in the browser's private files, replacing the previous one. It is written under another name and moved, so
 * that whatever stops it, one of the two is there whole.
 *
 * @throws FILE_UNWRITABLE; the one before stays
 */
export async function store(bytes: Uint8Array): Promise<void> {
  try {
    const folder = await navigator.storage.getDirectory();
    const file = (await folder.getFileHandle(TEMPORARY, { create: true })) as PrivateFile;
    try {
      await write(file, bytes);
      await file.move(NAME);
    } catch (cause) {
      await folder.removeEntry(TEMPORARY).catch(() => {});
      throw cause;
    }
  } catch (cause) {
    const message = `The training can’t be stored in this browser (${(cause as Error).message}). It continues, but is lost when the page is closed.`;
    throw new ResnetError('FILE_UNWRITABLE', message, { cause });
  }
}

async function write(file: PrivateFile, bytes: Uint8Array): Promise<void> {
  const access = await file.createSyncAccessHandle();
  try {
    access.truncate(0);
    let written = 0;
    while (written < bytes.length) {
      const count = access.write(bytes.subarray(written), { at: written });
      if (count === 0) throw new Error('no room is left');
      written += count;
    }
    access.flush();
  } finally {
    access.close();
  }
}

/** What is stored; undefined if nothing is, or nothing can be. */
export async function readStored(): Promise<Uint8Array | undefined> {
  try {
    const folder = await navigator.storage.getDirectory();
    const file = await (await folder.getFileHandle(NAME)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** Removes what is stored, if anything is. */
export async function removeStored(): Promise<void> {
  try {
    await (await navigator.storage.getDirectory()).removeEntry(NAME);
  } catch {
    // There was none.
  }
}

/**
 * Does work that stores things, unless another tab of the page does so: they would overwrite each other's files.
 *
 * @throws FILE_UNWRITABLE if another tab is at it
 */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  // Pages without locks, as they are not secure, have no private files either.
  if (!navigator.locks) return work();
  return navigator.locks.request('training', { ifAvailable: true }, (lock) => {
    if (lock) return work();
    throw new ResnetError(
      'FILE_UNWRITABLE',
      'Another tab of this page is training, and only one training can be stored: stop it there first.',
    );
  });
}
