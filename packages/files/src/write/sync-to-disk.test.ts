import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { syncToDisk } from './sync-to-disk.js';

/** What the file system answers in place of syncing, if anything. */
const answer = vi.hoisted(() => ({ code: '' }));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const fsync: typeof real.fsync = Object.assign(
    (fd: number, done: (error: Error | null) => void) => {
      if (answer.code) done(Object.assign(new Error(`${answer.code}: no sync`), { code: answer.code }));
      else real.fsync(fd, done);
    },
    { __promisify__: real.fsync.__promisify__ },
  );
  return { ...real, fsync };
});

let folder: string;
const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-sync-'));
  answer.code = '';
  emitWarning.mockClear();
});
afterEach(() => rm(folder, { recursive: true }));

async function writeSynced(): Promise<string> {
  const path = join(folder, 'file');
  const file = await open(path, 'w');
  // As of handles in Yarn's Plug'n'Play.
  file.sync = async () => {
    throw new Error('Method not implemented.');
  };
  try {
    await file.writeFile('contents');
    await syncToDisk(file);
  } finally {
    await file.close();
  }
  return readFile(path, 'utf8');
}

describe('syncToDisk', () => {
  it('needs no handle that can sync, and takes folders', async () => {
    expect(await writeSynced()).toBe('contents');
    const handle = await open(folder, 'r');
    await syncToDisk(handle);
    await handle.close();
    expect(emitWarning).not.toHaveBeenCalled();
  });

  it('warns once where the file system can not sync', async () => {
    for (const code of ['EINVAL', 'ENOTSUP', 'ENOSYS']) {
      answer.code = code;
      expect(await writeSynced()).toBe('contents');
    }
    expect(emitWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('EINVAL: no sync'));
  });

  it('fails where the disk does', async () => {
    answer.code = 'EIO';
    await expect(writeSynced()).rejects.toThrow('EIO: no sync');
  });
});
