import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { cut, refusal, sha256, whole } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { bytes, file, folder, get, hub, part, stored, useHub } from '../testing/downloads.js';
import { storedName } from './repository-file.js';

useHub();

describe('the folder', () => {
  it('serves downloads of the same file at once', async () => {
    hub.answers = [cut(bytes, 30_000)];
    const found = await Promise.all(
      [0, 10, 20, 30, 40].map(async (delay) => {
        await setTimeout(delay);
        return get();
      }),
    );
    for (const { bytes: each } of found) expect(sha256(each)).toBe(file.sha256);
    expect(await readdir(folder)).toEqual([storedName(file)]);
    expect(sha256(await readFile(stored()))).toBe(file.sha256);
  });

  it('is not left by any path, and is made where it is not', async () => {
    const deep = join(folder, 'a', 'b');
    hub.answers = [whole(bytes)];
    const { path } = await get({ cacheFolder: deep }, { ...file, path: 'sub folder/mödel:*?.bin' });
    expect(path).toBe(join(deep, `${file.sha256}-m_del___.bin`));
    expect(hub.requests[0]!.url).toMatch('/sub%20folder/m%C3%B6del%3A*%3F.bin');
    for (const bad of ['../x', 'a/../../x', '/etc/passwd', '', 'a//b', 'a\\..\\b', '.', 'a\nb']) {
      await expect(get({}, { ...file, path: bad })).rejects.toEqual(refusal('OPTION_INVALID', 'path'));
    }
    for (const bad of ['..', '../x', 'a/b/c', 'a/..', 'a b/c', '', '/x', 'x?y']) {
      const wanted = { ...file, repository: bad };
      await expect(get({}, wanted)).rejects.toEqual(refusal('OPTION_INVALID', 'repository'));
    }
    for (const bad of [
      { commit: 'main' },
      { sha256: '../../x' },
      { sha256: file.sha256.toUpperCase() },
      { bytes: 0 },
      { bytes: 2 ** 32 + 1 },
      { bytes: 1.5 },
    ]) {
      await expect(get({}, { ...file, ...bad })).rejects.toEqual(refusal('OPTION_INVALID'));
    }
  });

  it('that is full is said to be full', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('a small file system can only be mounted as root, on Linux');
    }
    try {
      hub.answers = [whole(bytes)];
      await expect(get()).rejects.toEqual(
        refusal('FILE_UNWRITABLE', part(), 'the disk is full', 'RESNET_CACHE'),
      );
      expect(hub.requests).toHaveLength(1);
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it.skipIf(process.platform === 'win32')('has nothing that others could read', async () => {
    const cacheFolder = join(folder, 'a', 'cache');
    hub.answers = [cut(bytes, 70_000)];
    await expect(get({ cacheFolder, retry: { tries: 1 } })).rejects.toEqual(refusal('DOWNLOAD_FAILED'));
    const modes = async () => {
      const names = ['..', '.', ...(await readdir(cacheFolder))];
      return Promise.all(names.map(async (name) => (await stat(join(cacheFolder, name))).mode & 0o077));
    };
    expect(await modes()).toEqual([0, 0, 0]);
    hub.answers = [whole(bytes)];
    await get({ cacheFolder });
    expect(await modes()).toEqual([0, 0, 0]);
  });

  it.skipIf(process.platform === 'win32')('leads to no other file through links', async () => {
    const theirs = join(folder, 'theirs');
    await writeFile(theirs, 'before');
    for (const path of [part(), stored()]) await symlink(theirs, path);
    hub.answers = [whole(bytes)];
    expect(sha256((await get()).bytes)).toBe(file.sha256);
    expect(await readFile(theirs, 'utf8')).toBe('before');
    expect((await lstat(stored())).isFile()).toBe(true);
  });

  it('is free of what killed downloads have left', async () => {
    const temporary = `.${storedName(file)}.0123456789abcdef.tmp`;
    for (const name of [temporary, '.other.0123456789abcdef.tmp']) await writeFile(join(folder, name), '');
    hub.answers = [whole(bytes)];
    await get();
    expect((await readdir(folder)).sort()).toEqual(['.other.0123456789abcdef.tmp', storedName(file)].sort());
  });

  it('that can’t be is an error with advice', async () => {
    await writeFile(join(folder, 'file'), '');
    hub.answers = [whole(bytes)];
    const cacheFolder = join(folder, 'file', 'below');
    await expect(get({ cacheFolder })).rejects.toEqual(refusal('FILE_UNWRITABLE', 'cacheFolder'));
  });

  it('whose file can’t be replaced is an error with advice', async () => {
    await mkdir(stored());
    hub.answers = [whole(bytes)];
    await expect(get()).rejects.toEqual(refusal('FILE_UNWRITABLE', stored(), 'cacheFolder'));
  });
});
