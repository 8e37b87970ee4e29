import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { readRegularText } from '@resnet/files/node';
import type { MetricsRecord } from '@resnet/train';
import { readMetrics } from '@resnet/train/node';

export interface Run {
  folder: string;
  /** The network's; unknown before the first checkpoint. */
  name: string | undefined;
  records: MetricsRecord[];
}

/**
 * Reads what a run has written into its folder so far.
 *
 * @throws DATA_MISSING if the folder holds no run, or one without records; FILE_UNREADABLE
 */
export async function readRun(folder: string): Promise<Run> {
  const path = join(folder, 'metrics.jsonl');
  const found = await stat(path).catch(() => undefined);
  if (!found) throw missing(await describeFolder(folder));
  const records = await readMetrics(path);
  if (records.length === 0) throw missing(`${path} holds no records. A running training soon adds some.`);
  return { folder, name: await networkName(join(folder, 'checkpoints')), records };
}

async function describeFolder(folder: string): Promise<string> {
  const advice = "Give a folder that 'resnet train' has written, such as runs/resnet20-cifar10.";
  const found = await stat(folder).catch(() => undefined);
  if (!found) return `${folder} does not exist. ${advice}`;
  if (!found.isDirectory()) return `${folder} is a file, not the folder of a run. ${advice}`;
  return `${folder} is no run: it has no metrics.jsonl. ${advice}`;
}

/** The name in the last checkpoint. Without one there is no error: the curves are in the metrics. */
async function networkName(checkpoints: string): Promise<string | undefined> {
  try {
    const last = (await readdir(checkpoints))
      .filter((name) => /^\d+$/.test(name))
      .sort()
      .at(-1);
    const state = JSON.parse(await readRegularText(join(checkpoints, last!, 'state.json'), 2 ** 24));
    const name: unknown = state.architecture.name;
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

function missing(message: string): ResnetError {
  return new ResnetError('DATA_MISSING', message);
}
