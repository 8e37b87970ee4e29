import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend';

/**
 * Keeps other processes out of a run's folder: two that write there at once would destroy each other's metrics. A process that was
 * killed leaves its file, which then keeps nobody out.
 *
 * @returns what lets others in again
 * @throws RUN_BUSY if another run has the folder; FILE_UNWRITABLE
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const owner = `process ${process.pid} on ${hostname()}`;
  try {
    if (!(await create(path, owner))) {
      const other = await readFile(path, 'utf8').catch(() => '');
      if (isAlive(other)) throw busy(folder, other, path);
      await rm(path, { force: true });
      if (!(await create(path, owner))) throw busy(folder, 'a process that has just begun', path);
    }
  } catch (cause) {
    if (ResnetError.is(cause)) throw cause;
    const message = `Can't write to the run in ${folder}: ${(cause as Error).message}`;
    throw new ResnetError('FILE_UNWRITABLE', message, { cause });
  }
  return () => rm(path, { force: true });
}

/** Whether the file was not there before. */
async function create(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether an owner's process is there, as far as can be told from here. */
function isAlive(owner: string): boolean {
  const [, id, host] = /^process (\d+) on (.+)$/.exec(owner) ?? [];
  // Whoever was stopped while writing this is gone.
  if (id === undefined) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(Number(id), 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function busy(folder: string, owner: string, path: string): ResnetError {
  return new ResnetError(
    'RUN_BUSY',
    `Another run writes to ${folder}: ${owner}. Wait for its end, or choose another folder. If it is no more, remove ${path}.`,
  );
}
