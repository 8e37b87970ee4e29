import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readUpTo } from '../read/read-up-to.js';
import { unwritable } from '../write/unwritable.js';
import type { Collector } from './collector.js';

export interface CollectorOptions {
  /** Whether only its owner may read the file, and the folders that are made for it. Default false. */
  isPrivate?: boolean;
}

/**
 * A collector that continues the file of an interrupted one, if there is one. Anything else at this path, such as a link to another
 * file, is removed with the first write.
 *
 * One process at a time may collect at a path: `withLock` keeps others out.
 *
 * @param elsewhere what to name instead if the file can't be written, for messages: 'another folder'
 */
export async function openCollector(
  path: string,
  elsewhere: string,
  { isPrivate = false }: CollectorOptions = {},
): Promise<FileCollector> {
  const file = await openUnfinished(path).catch(() => undefined);
  return new FileCollector(path, elsewhere, isPrivate, file, (await file?.stat())?.size ?? 0);
}

/** The file that a collector has left; undefined for a link, soft or hard, as it may lead to another file of the user. */
async function openUnfinished(path: string): Promise<FileHandle | undefined> {
  if (!(await lstat(path)).isFile()) return undefined;
  const file = await open(path, constants.O_RDWR | NO_FOLLOW);
  const { nlink } = await file.stat();
  if (nlink === 1) return file;
  await file.close();
  return undefined;
}

/** Windows has none. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const bytesPerChunk = 2 ** 20;

/**
 * Collects a file on disk, where it stays after the process ends. The file is created with the first write. Methods throw
 * FILE_UNWRITABLE.
 */
export class FileCollector implements Collector {
  /** Use `openCollector` instead. */
  constructor(
    private readonly path: string,
    private readonly elsewhere: string,
    private readonly isPrivate: boolean,
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

  /** The bytes received, from the start, piece by piece: for files that are too large for memory. */
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
      const [mode, folderMode] = this.isPrivate ? [0o600, 0o700] : [0o666, 0o777];
      await mkdir(dirname(this.path), { recursive: true, mode: folderMode });
      await rm(this.path, { force: true });
      this.file = await open(this.path, 'wx+', mode);
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
