import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { removeTemporaries } from '@resnet/files/node';
import { hasCheckpoint, removeUnfinished } from '../checkpoint/checkpoint-store.js';
import { isMetricsFile } from '../logging/metrics-file.js';

/** The files of a run in its folder. TensorBoard's files are beside them, a new one each time. */
export function runFiles(folder: string) {
  return {
    checkpoints: join(folder, 'checkpoints'),
    // A run's first file: where it is, the others are the run's too.
    metrics: join(folder, 'metrics.jsonl'),
    model: join(folder, 'model.safetensors'),
    best: join(folder, 'best.safetensors'),
    quantized: join(folder, 'int8.safetensors'),
    curves: join(folder, 'curves.svg'),
    report: join(folder, 'report.md'),
  };
}

/**
 * Makes sure that a run would replace or remove only files of runs in its folder.
 *
 * @param resumes whether a run that is there is resumed
 * @throws OPTION_INVALID if there is something else, or a run that is not to be resumed
 */
export async function checkRunFolder(folder: string, resumes: boolean): Promise<void> {
  const { checkpoints, ...files } = runFiles(folder);
  const found = await lstat(checkpoints).catch(() => undefined);
  if (found && !found.isDirectory()) {
    const kind = found.isSymbolicLink() ? 'a link' : 'a file';
    throw new ResnetError(
      'OPTION_INVALID',
      `${checkpoints} must be a folder, found ${kind}. Remove it, or choose another folder: runs remove old checkpoints.`,
    );
  }
  if (await hasCheckpoint(checkpoints)) {
    if (!resumes) throw holdsRun(folder);
    return;
  }
  const isOfRun = await isMetricsFile(files.metrics);
  for (const path of Object.values(files)) {
    // Of any kind, such as a link that leads nowhere.
    const there = await lstat(path).catch(() => undefined);
    if (!there) continue;
    if (!isOfRun) {
      const message = `${path} is there already, and is not a run's. Move it, or choose another folder.`;
      throw new ResnetError('OPTION_INVALID', message);
    }
    // A run that was killed at its start has left a log without records, and nothing to lose.
    const isEmptyLog = path === files.metrics && there.size === 0;
    if (!resumes && !isEmptyLog) throw holdsRun(folder);
  }
}

function holdsRun(folder: string): ResnetError {
  const message = `${folder} already holds a run. Resume it, or choose another folder.`;
  return new ResnetError('OPTION_INVALID', message);
}

/**
 * Removes what a killed run has left half written in its folder. The caller must have its lock.
 *
 * @throws FILE_UNWRITABLE
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const { checkpoints, ...files } = runFiles(folder);
  try {
    const names = Object.values(files).map((path) => basename(path));
    await removeTemporaries(folder, (name) => names.includes(name));
    await removeUnfinished(checkpoints);
  } catch (cause) {
    const message = `Can't tidy up the run in ${folder}: ${(cause as Error).message}`;
    throw new ResnetError('FILE_UNWRITABLE', message, { cause });
  }
}
