import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readUpTo, unwritable } from './files.js';
import type { Collector } from './weights-cache.js';

/** A collector that goes on in the file that an interrupted one has left, where there is one. */
export async function openCollector(path: string): Promise<Collector> {
  // Opened now, so that the bytes found stay even if somebody else completes the file and takes it away.
  const file = await open(path, 'r+').catch(() => undefined);
  return new FileCollector(path, file, (await file?.stat())?.size ?? 0);
}

/** A file that arrives on disk, and is still there when the process has ended. It appears with its first byte. */
class FileCollector implements Collector {
  constructor(
    private readonly path: string,
    private file: FileHandle | undefined,
    readonly receivedBytes: number,
  ) {}

  write(chunk: Uint8Array, position: number): Promise<void> {
    return this.attempt(async () => {
      const file = await this.open();
      for (let start = 0; start < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, start, chunk.length - start, position + start);
        start += bytesWritten;
      }
    });
  }

  bytes(): Promise<Uint8Array> {
    return this.attempt(async () => {
      const file = await this.open();
      return readUpTo(file, (await file.stat()).size);
    });
  }

  /** Another process that writes to the file goes on, in a file without a name. */
  clear(): Promise<void> {
    return this.attempt(async () => {
      await this.close();
      await rm(this.path, { force: true });
    });
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  private async open(): Promise<FileHandle> {
    if (!this.file) {
      await mkdir(dirname(this.path), { recursive: true });
      this.file = await open(this.path, constants.O_RDWR | constants.O_CREAT);
    }
    return this.file;
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }
}
