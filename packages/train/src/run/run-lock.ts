import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { type Lock, takeLock } from '@resnet/files/node';

export interface RunLock extends Pick<Lock, 'release'> {
  /** @throws RUN_BUSY if the folder has gone to another process, as this one was asleep for minutes */
  check(): Promise<void>;
}

/**
 * Keeps other processes out of a run's folder: two that write at once would destroy each other's metrics. The
 * lock of a killed process expires: at once if it ran on this machine, within five minutes if on another.
 *
 * @throws RUN_BUSY if another run has the folder; FILE_UNWRITABLE
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const { lock, owner } = await takeLock(join(folder, 'run'));
  if (!lock) {
    throw new ResnetError(
      'RUN_BUSY',
      `Another run writes to ${folder}: ${owner}. Wait for its end, or choose another folder. If that machine is off, this folder is free five minutes later.`,
    );
  }
  return {
    release: () => lock.release(),
    async check() {
      if (await lock.isHeld()) return;
      const message = `Another run has taken over ${folder}, as this one gave no sign of life for minutes. What is there is whole; this run ends here.`;
      throw new ResnetError('RUN_BUSY', message);
    },
  };
}
