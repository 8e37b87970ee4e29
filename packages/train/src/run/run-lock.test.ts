import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
  const lock = await lockRun(folder);
  const message = expect.stringContaining(`process ${process.pid} on ${hostname()}`);
  await expect(lockRun(folder)).rejects.toMatchObject({ code: 'RUN_BUSY', message });
  await lock.check();
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
  await (await lockRun(folder)).release();
});

it('tells a run that it has lost its folder', async () => {
  const lock = await lockRun(folder);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  await expect(lock.check()).rejects.toMatchObject({ code: 'RUN_BUSY' });
  await lock.release();
});

it('says that a folder can’t be written', async () => {
  await expect(lockRun(join(folder, 'missing'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});
