import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockRun } from './run-lock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resnet-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('keeps a second run out until the first has ended', async () => {
  const unlock = await lockRun(folder);
  const message = expect.stringContaining(`process ${process.pid} on ${hostname()}`);
  await expect(lockRun(folder)).rejects.toMatchObject({ code: 'RUN_BUSY', message });
  await unlock();
  expect(existsSync(join(folder, 'lock'))).toBe(false);
  await (await lockRun(folder))();
});

it('lets one in where the owner is no more', async () => {
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  for (const owner of [`process ${dead} on ${hostname()}`, '', 'proc']) {
    writeFileSync(join(folder, 'lock'), owner);
    await (await lockRun(folder))();
  }
});

it('keeps out where the owner is on another machine, saying how to go on', async () => {
  writeFileSync(join(folder, 'lock'), 'process 1 on another-machine');
  const message = expect.stringContaining(`remove ${join(folder, 'lock')}`);
  await expect(lockRun(folder)).rejects.toMatchObject({ code: 'RUN_BUSY', message });
});

it('says that a folder can’t be written', async () => {
  await expect(lockRun(join(folder, 'missing'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});
