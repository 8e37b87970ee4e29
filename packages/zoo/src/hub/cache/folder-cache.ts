import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import type { Collector } from '@resnet/files';
import {
  openCollector,
  readUpTo,
  removeTemporaries,
  unwritable,
  withLock,
  writeWholeFile,
} from '@resnet/files/node';
import { type RepositoryFile, storedName } from '../repository-file.js';
import type { WeightsCache } from './weights-cache.js';

const elsewhere = 'another folder (the option cacheFolder, or RESNET_CACHE), or keep nothing (cache: false)';

/**
 * Files in a folder, under names that come from their contents. A file that is there is whole. Processes may share the folder:
 * one at a time fetches a file, and the others wait for it. As models may be private, the files, and folders that are made,
 * are their owner's alone.
 */
export class FolderCache implements WeightsCache {
  constructor(private readonly folder: string) {}

  pathOf(file: RepositoryFile): string {
    return join(this.folder, storedName(file));
  }

  async has(file: RepositoryFile): Promise<boolean> {
    return (await sizeOf(this.pathOf(file))) !== undefined;
  }

  async read(file: RepositoryFile): Promise<Uint8Array | undefined> {
    const path = this.pathOf(file);
    if ((await sizeOf(path)) !== file.bytes) return undefined;
    try {
      const handle = await open(path);
      try {
        return await readUpTo(handle, file.bytes);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new ResnetError('FILE_UNREADABLE', `Can't read weights from ${path}: ${problem}.`, { cause });
    }
  }

  async write(file: RepositoryFile, bytes: Uint8Array): Promise<void> {
    const path = this.pathOf(file);
    try {
      await writeWholeFile(path, bytes, { isPrivate: true });
    } catch (error) {
      throw unwritable(path, error instanceof ResnetError ? error.cause : error, elsewhere);
    }
  }

  async collect(file: RepositoryFile): Promise<Collector> {
    return openCollector(`${this.pathOf(file)}.part`, elsewhere, { isPrivate: true });
  }

  async alone<T>(file: RepositoryFile, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    let hasBegun = false;
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      return await withLock(join(this.folder, file.sha256), signal, async () => {
        await removeTemporaries(this.folder, (name) => name.startsWith(file.sha256));
        hasBegun = true;
        return work();
      });
    } catch (error) {
      if (hasBegun || (ResnetError.is(error) && error.code === 'ABORTED')) throw error;
      throw unwritable(this.pathOf(file), ResnetError.is(error) ? error.cause : error, elsewhere);
    }
  }

  async recall(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.folder, name), 'utf8');
    } catch {
      return undefined;
    }
  }

  async remember(name: string, text: string): Promise<void> {
    await writeWholeFile(join(this.folder, name), text, { isPrivate: true });
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
