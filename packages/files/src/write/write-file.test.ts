import { execFileSync } from 'node:child_process';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { refusal, someBytes } from '@resnet/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCollector } from '../download/file-collector.js';
import { removeTemporaries } from './temporary-files.js';
import { writeWholeFile } from './write-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function* pieces(error?: Error) {
  yield Uint8Array.of(1, 2);
  yield Uint8Array.of(3);
  if (error) throw error;
}

describe('writeWholeFile', () => {
  it('writes text, bytes and pieces, and makes the folder', async () => {
    const path = join(folder, 'a', 'b');
    await writeWholeFile(path, 'text');
    expect(await readFile(path, 'utf8')).toBe('text');
    await writeWholeFile(path, Uint8Array.of(9));
    expect([...(await readFile(path))]).toEqual([9]);
    await writeWholeFile(path, pieces());
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
  });

  it('leaves everything as it was where the pieces end with an error, which it passes on if it is ours', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'before');
    const ours = new ResnetError('ABORTED', 'stopped');
    await expect(writeWholeFile(path, pieces(ours))).rejects.toBe(ours);
    const other = new Error('broken');
    await expect(writeWholeFile(path, pieces(other))).rejects.toEqual(
      refusal('FILE_UNWRITABLE', path, 'broken'),
    );
    expect(await readFile(path, 'utf8')).toBe('before');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('asks once the file is on the disk whether it may have its name', async () => {
    const path = join(folder, 'asked');
    await writeWholeFile(path, 'before');
    const seen: string[] = [];
    const refused = writeWholeFile(path, 'after', {
      beforeRename: async () => {
        for (const name of await readdir(folder)) seen.push(await readFile(join(folder, name), 'utf8'));
        throw new ResnetError('FILE_BUSY', 'not now');
      },
    });
    await expect(refused).rejects.toMatchObject({ code: 'FILE_BUSY' });
    expect(seen).toContain('after');
    expect(await readFile(path, 'utf8')).toBe('before');
  });

  it('writes under a hidden name of its own each time, which nobody can know before', async () => {
    const path = join(folder, 'file');
    const names: string[] = [];
    async function* looking() {
      names.push(...(await readdir(folder)));
      yield Uint8Array.of(1);
    }
    await Promise.all([1, 2, 3].map(() => writeWholeFile(path, looking())));
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^\.file\.[0-9a-f]{16}\.tmp$/);
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('takes names as long as file systems take them', async () => {
    for (const name of ['n'.repeat(255), 'é'.repeat(127)]) {
      await writeWholeFile(join(folder, name), 'text');
      expect(await readFile(join(folder, name), 'utf8')).toBe('text');
    }
  });

  it('refuses what is there when it is not to replace it, also if it appears meanwhile', async () => {
    const path = join(folder, 'file');
    async function* appearing() {
      yield Uint8Array.of(1);
      await writeFile(path, 'theirs');
    }
    for (const contents of [appearing(), 'ours']) {
      const refused = writeWholeFile(path, contents, { replace: false });
      await expect(refused).rejects.toEqual(refusal('FILE_UNWRITABLE', path, 'is there already'));
      expect(await readFile(path, 'utf8')).toBe('theirs');
    }
    await symlink('nowhere', join(folder, 'link'));
    await expect(writeWholeFile(join(folder, 'link'), '', { replace: false })).rejects.toEqual(
      refusal('FILE_UNWRITABLE', 'is there already'),
    );
    await writeWholeFile(join(folder, 'new'), 'ours', { replace: false });
    expect((await readdir(folder)).sort()).toEqual(['file', 'link', 'new']);
  });

  it('replaces a link, not what it leads to', async () => {
    const theirs = join(folder, 'theirs');
    await writeFile(theirs, 'before');
    for (const make of [symlink, link]) {
      const path = join(folder, 'file');
      await rm(path, { force: true });
      await make(theirs, path);
      await writeWholeFile(path, 'ours');
      expect((await lstat(path)).isFile()).toBe(true);
      expect(await readFile(path, 'utf8')).toBe('ours');
      expect(await readFile(theirs, 'utf8')).toBe('before');
    }
  });

  it.skipIf(process.platform === 'win32')('leaves pipes, devices and folders as they are', async () => {
    // A pipe stands for all devices: code that fails here would replace a real one.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await mkdir(join(folder, 'below'));
    await symlink(pipe, join(folder, 'link'));
    for (const path of [pipe, join(folder, 'link'), join(folder, 'below')]) {
      await expect(writeWholeFile(path, 'text')).rejects.toEqual(refusal('FILE_UNWRITABLE', path, 'it is a'));
    }
    expect((await stat(pipe)).isFIFO()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['below', 'link', 'pipe']);
  });

  it.skipIf(process.platform === 'win32')('keeps permissions, and makes private files', async () => {
    const path = join(folder, 'cache', 'file');
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    await writeWholeFile(path, 'secret', { isPrivate: true });
    expect([await modeOf(path), await modeOf(join(folder, 'cache'))]).toEqual([0o600, 0o700]);
    await chmod(path, 0o640);
    await writeWholeFile(path, 'text');
    expect(await modeOf(path)).toBe(0o640);
    await writeWholeFile(path, 'secret', { isPrivate: true });
    expect(await modeOf(path)).toBe(0o600);
  });
});

describe('removeTemporaries', () => {
  it('removes what writers of the file have left, and nothing else', async () => {
    const hex = '0123456789abcdef';
    const others = [
      `.file.${hex}`,
      `.file.${hex}.tmp2`,
      `.files.${hex}.tmp`,
      `file.${hex}.tmp`,
      'file.20261231',
    ];
    for (const name of [...others, `.file.${hex}.tmp`]) await writeFile(join(folder, name), '');
    await removeTemporaries(folder, (name) => name === 'file');
    expect((await readdir(folder)).sort()).toEqual(others.sort());
  });
});

describe('openCollector', () => {
  it('gives what it has collected in chunks, with what an earlier one has left', async () => {
    const path = join(folder, 'below', 'file.part');
    const bytes = someBytes(2_500_000);
    const first = await openCollector(path, 'another folder');
    await first.write(bytes.subarray(0, 1000), 0);
    await first.close();
    const second = await openCollector(path, 'another folder');
    expect(second.receivedBytes).toBe(1000);
    await second.write(bytes.subarray(1000), 1000);
    const chunks: Uint8Array[] = [];
    for await (const chunk of second.chunks()) chunks.push(chunk);
    expect(chunks.length).toBe(3);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await second.clear();
    expect(await readdir(join(folder, 'below'))).toEqual([]);
  });

  it('says what else to name where it can not write', async () => {
    await writeFile(join(folder, 'file'), '');
    const path = join(folder, 'file', 'below');
    const collector = await openCollector(path, 'another folder');
    await expect(collector.write(Uint8Array.of(1), 0)).rejects.toEqual(
      refusal('FILE_UNWRITABLE', path, 'Name another folder.'),
    );
  });

  it.skipIf(process.platform === 'win32')('writes to no file that is there under another name', async () => {
    const [path, theirs] = [join(folder, 'file.part'), join(folder, 'theirs')];
    await writeFile(theirs, 'before');
    for (const make of [symlink, link]) {
      await make(theirs, path);
      const collector = await openCollector(path, 'another folder');
      expect(collector.receivedBytes).toBe(0);
      await collector.write(Uint8Array.of(1), 0);
      await collector.close();
      expect([...(await readFile(path))]).toEqual([1]);
      expect(await readFile(theirs, 'utf8')).toBe('before');
      await rm(path);
    }
  });
});
