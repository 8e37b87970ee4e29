import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Collector } from './collector.js';
import { readUpTo } from './read-up-to.js';
import { unwritable } from './unwritable.js';

/**
 * A collector that goes on in the file that an interrupted one has left, where there is one.
 *
 * @param elsewhere what a person can name instead if the file can't be written, for messages: 'another
 *   folder'
 */
export async function openCollector(path: string, elsewhere: string): Promise<FileCollector> {
  // Opened now, so that the bytes found stay even if somebody else completes the file and takes it away.
  const file = await open(path, 'r+').catch(() => undefined);
  return new FileCollector(path, elsewhere, file, (await file?.stat())?.size ?? 0);
}

const bytesPerChunk = 2 ** 20;

/**
 * A file that arrives on disk, and is still there when the process has ended. It appears with its first byte.
 * Processes may collect the same file at the same path without asking each other: they write the same bytes
 * to the same places. FILE_UNWRITABLE if the disk refuses.
 */
export class FileCollector implements Collector {
  /** `openCollector` makes collectors. */
  constructor(
    private readonly path: string,
    private readonly elsewhere: string,
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

  /** What is there, from its start, piece by piece: for files that are too large for memory. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const file = await this.attempt(() => this.open());
    const buffer = new Uint8Array(bytesPerChunk);
    for (let position = 0; ; ) {
      const { bytesRead } = await this.attempt(() => file.read(buffer, 0, bytesPerChunk, position));
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.slice(0, bytesRead);
    }
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
      throw unwritable(this.path, cause, this.elsewhere);
    }
  }
}
