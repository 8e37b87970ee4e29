import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRegularFile, readRegularText, streamRegularFile } from './regular-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const streamed = async (path: string, mostBytes?: number) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamRegularFile(path, mostBytes)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('a regular file', () => {
  it('is read whole or in part, also through a link', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'contents');
    await symlink(path, join(folder, 'link'));
    for (const each of [path, join(folder, 'link')]) {
      expect(await readRegularText(each, 8)).toBe('contents');
      expect(await streamed(each)).toBe('contents');
      expect(await streamed(each, 3)).toBe('con');
      await expect(readRegularFile(each, 7)).rejects.toThrow('it has 8 bytes, more than the 7 that are read');
    }
    await expect(readRegularFile(join(folder, 'none'), 1)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(streamed(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readRegularFile(folder, 1)).rejects.toThrow('a folder');
  });

  it.skipIf(process.platform === 'win32')(
    'is no pipe and no device, which would never end',
    async () => {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      await symlink('/dev/zero', join(folder, 'zero'));
      for (const path of [pipe, join(folder, 'zero'), '/dev/null']) {
        await expect(readRegularFile(path, 2 ** 30)).rejects.toThrow('it is a pipe or a device, no file');
        await expect(streamed(path)).rejects.toThrow('it is a pipe or a device, no file');
      }
    },
    10_000,
  );
});
