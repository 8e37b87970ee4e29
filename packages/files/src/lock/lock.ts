import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ResnetError, throwIfAborted } from '@resnet/core';

/** A lock, which only one process has at a time. */
export interface Lock {
  /** Whether it is still held: a process that was suspended for longer than `LEASE` may have lost it. */
  isHeld(): Promise<boolean>;
  /** Releases it for others. */
  release(): Promise<void>;
}

export type LockAnswer = { lock: Lock; owner?: undefined } | { lock?: undefined; owner: string };

/** Seconds for which an unrenewed lock holds, if its process can't be looked up, on another machine or in another container. */
export const LEASE = 300;
const RENEWED_EVERY = 2;

/** How often to retry while another process tries at the same time; after this it counts as the owner. */
const TRIES = 8;

/** Locks that this process holds or is taking: its PID alone does not show which of its locks are live. */
const heldHere = new Set<string>();

/**
 * Tries to take the lock of a path. Each process that tries creates a file beside the path, with a name that is never used again;
 * so the file of a dead process can be removed without removing another's. A process that finds no file of another living process
 * has the lock; otherwise it removes its own file.
 *
 * The system knows whether a process of this machine and container lives. Other processes renew their file every two seconds. It is
 * void `LEASE` after the last renewal, or, from a machine or container with this one's host name, after six seconds without one.
 *
 * @param path it need not exist; its folder must
 * @returns the lock, or who has it, for messages
 * @throws FILE_UNWRITABLE if no lock can be made there
 */
export async function takeLock(path: string): Promise<LockAnswer> {
  try {
    for (let tries = 1; ; tries++) {
      const own = await create(path);
      const owner = await findOwner(path, own);
      if (owner === undefined) return { lock: await keep(own) };
      await remove(own);
      if (owner.hasIt || tries === TRIES) return { owner: owner.name };
      await setTimeout(Math.random() * 20 * tries);
    }
  } catch (cause) {
    const message = `Can't make a lock in ${dirname(path)}: ${(cause as Error).message}.`;
    throw new ResnetError('FILE_UNWRITABLE', message, { cause });
  }
}

/**
 * Does work under the lock of a path; waits for the lock while another living process has it.
 *
 * @throws FILE_UNWRITABLE, ABORTED, and what the work throws
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    throwIfAborted(signal, 'Waiting for another process');
    const { lock } = await takeLock(path);
    if (lock) return work().finally(() => lock.release());
    await setTimeout(100 + Math.random() * 100);
  }
}

interface Owner {
  pid: number;
  /** A digest of the host name, as file names must be short. */
  host: string;
  /** Digest of the host name, the boot and the PID namespace: within one system, a PID and its start name one process. */
  system: string;
  /** When the process started, in Linux's clock ticks; '0' elsewhere. */
  start: string;
}

const NAME = /^(\d+)-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-[0-9a-f]{16}$/;

async function create(path: string): Promise<string> {
  const { pid, host, system, start } = await self();
  const own = `${prefixOf(path)}${[pid, host, system, start, randomBytes(8).toString('hex')].join('-')}`;
  heldHere.add(own);
  await (await open(own, 'wx')).close();
  return own;
}

async function remove(own: string): Promise<void> {
  heldHere.delete(own);
  await rm(own, { force: true });
}

async function keep(own: string): Promise<Lock> {
  await renew(own);
  const timer = setInterval(() => renew(own).catch(() => {}), 1000 * RENEWED_EVERY);
  timer.unref();
  return {
    isHeld: () =>
      stat(own).then(
        () => true,
        () => false,
      ),
    async release() {
      clearInterval(timer);
      await remove(own);
    },
  };
}

/** Writes to the file, so that its time is that of the disk's machine, not of this one. */
async function renew(own: string): Promise<void> {
  const file = await open(own, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    await file.write(`process ${process.pid} on ${hostname()}\n`, 0);
  } finally {
    await file.close();
  }
}

/** Who else has the lock, or tries to take it. Locks of dead processes are removed. */
async function findOwner(path: string, own: string): Promise<{ name: string; hasIt: boolean } | undefined> {
  const prefix = basename(prefixOf(path));
  for (const name of await readdir(dirname(path))) {
    const [, pid, host, system, start] =
      (name.startsWith(prefix) && NAME.exec(name.slice(prefix.length))) || [];
    const other = join(dirname(path), name);
    if (pid === undefined || basename(own) === name) continue;
    if (await isAlive(other, { pid: Number(pid), host: host!, system: system!, start: start! }, own)) {
      const text = await readFile(other, 'utf8').catch(() => '');
      const found = /^process \d+ on [\w.-]+/.exec(text)?.[0];
      return { name: found ?? `process ${pid}`, hasIt: found !== undefined };
    }
    await rm(other, { force: true });
  }
  return undefined;
}

async function isAlive(other: string, owner: Owner, own: string): Promise<boolean> {
  const here = await self();
  if (owner.system === here.system) {
    if (heldHere.has(other)) return true;
    const found = await findProcess(owner.pid);
    if (found === undefined) return false;
    if (found !== '0' && owner.start !== '0') return found === owner.start;
    // Without a start time: a lock with this process's PID is from an earlier process, as no two live ones share a PID.
    if (owner.pid === here.pid) return false;
  }
  if (!(await isFresh(other, own))) return false;
  // Its process may have died just now, with this machine's last boot or with the container that this one replaces.
  return owner.host !== here.host || isRenewed(other);
}

/** Whether a lock is not void, by the clock of the disk's machine, which has just set the time of our own lock. */
async function isFresh(other: string, own: string): Promise<boolean> {
  const [theirs, ours] = await Promise.all([timeOf(other), timeOf(own)]);
  return theirs !== undefined && (ours ?? Date.now()) - theirs < 1000 * LEASE;
}

async function isRenewed(other: string): Promise<boolean> {
  const before = await timeOf(other);
  for (let waited = 0; waited < 3 * RENEWED_EVERY; waited += RENEWED_EVERY / 4) {
    await setTimeout(1000 * (RENEWED_EVERY / 4));
    const now = await timeOf(other);
    if (now === undefined) return false;
    if (now !== before) return true;
  }
  return false;
}

function timeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** When a process of this system started, '0' if unknown; undefined if there is no such process. */
async function findProcess(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The fields after the name, which may contain anything: the 1st is the state, the 18th the number of threads, the 20th the start.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie: killed, but not yet waited for by its parent. While it has other threads, they may still be writing.
  const isGone = fields[0] === 'Z' && Number(fields[17]) <= 1;
  return isGone ? undefined : (fields[19] ?? '0');
}

let known: Promise<Owner> | undefined;

function self(): Promise<Owner> {
  known ??= (async () => {
    const parts = [readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readlink('/proc/self/ns/pid')].map(
      (part) => part.catch(() => ''),
    );
    const system = [hostname(), ...(await Promise.all(parts))].join('\n');
    const start = (await findProcess(process.pid)) ?? '0';
    return { pid: process.pid, host: digest(hostname()), system: digest(system), start };
  })();
  return known;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function prefixOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.lock-`);
}
