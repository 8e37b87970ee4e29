import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LEASE, type Lock, takeLock, withLock } from './lock.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-lock-'));
  path = join(folder, 'shared');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function take(): Promise<Lock> {
  const { lock, owner } = await takeLock(path);
  if (!lock) throw new Error(`${owner} has it.`);
  return lock;
}

/** Leaves the lock of this process behind under the name that another process would have given it. */
async function leave(change: (parts: string[]) => string[], secondsAgo = 0): Promise<string> {
  await take();
  const [name] = await readdir(folder);
  const start = '.shared.lock-';
  const left = join(folder, start + change(name!.slice(start.length).split('-')).join('-'));
  await rename(join(folder, name!), left);
  const time = new Date(Date.now() - 1000 * secondsAgo);
  await utimes(left, time, time);
  return left;
}

const onOtherHost = ([pid, , , start, random]: string[]) => [pid!, '00000000', '00000000', start!, random!];

describe('takeLock', () => {
  it('keeps others out until it is released', async () => {
    const lock = await take();
    expect(await takeLock(path)).toEqual({ owner: expect.stringContaining(`process ${process.pid} on `) });
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
    expect(await lock.isHeld()).toBe(false);
    expect(await readdir(folder)).toEqual([]);
    await (await take()).release();
  });

  it('takes the lock of a process that is gone, or whose number another process has now', async () => {
    const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    const left = await leave(([, ...rest]) => [dead, ...rest]);
    await (await take()).release();
    expect(existsSync(left)).toBe(false);
    if (process.platform !== 'linux') return;
    // Of the number of this process itself, as in a container that was started again, and of a living one.
    for (const pid of [process.pid, process.ppid]) {
      await leave(([, host, place, , random]) => [String(pid), host!, place!, '1', random!]);
      await (await take()).release();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes the lock of a container of its own name and number, once no one renews it', async () => {
    await leave(([pid, host, , start, random]) => [pid!, host!, '00000000', start!, random!]);
    const begun = performance.now();
    await (await take()).release();
    expect(performance.now() - begun).toBeLessThan(60_000);

    const left = await leave(([pid, host, , start, random]) => [pid!, host!, '00000000', start!, random!]);
    const renewing = setInterval(() => writeFile(left, 'process 1 on there\n'), 500);
    try {
      expect(await takeLock(path)).toEqual({ owner: 'process 1 on there' });
    } finally {
      clearInterval(renewing);
    }
  });

  it('takes the lock of another machine only when it was not renewed for the lease', async () => {
    const left = await leave(onOtherHost, LEASE - 60);
    expect((await takeLock(path)).owner).toBeDefined();
    await rm(left);
    await leave(onOtherHost, LEASE + 1);
    await (await take()).release();
  });

  it('touches no file that is no lock', async () => {
    const names = ['lock', 'shared', '.shared.lock-1', '.shared.lock-a-b-c-d-e'];
    for (const name of names) await writeFile(join(folder, name), '');
    await (await take()).release();
    expect((await readdir(folder)).sort()).toEqual(names.sort());
  });

  it('says that it can not be made', async () => {
    path = join(folder, 'missing', 'shared');
    await expect(takeLock(path)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});

describe('withLock', () => {
  it('lets one at a time do its work, also where it fails', async () => {
    let [inside, most] = [0, 0];
    const work = async (fails: boolean) => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      if (fails) throw new Error('failed');
    };
    const all = Array.from({ length: 5 }, (_, each) => withLock(path, undefined, () => work(each === 2)));
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('stops waiting on request', async () => {
    const lock = await take();
    const waiting = withLock(path, AbortSignal.timeout(50), async () => {});
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    await lock.release();
  });
});
