import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricsRecord } from '../logging/metrics.js';
import { readMetrics } from '../logging/metrics-file.js';

/**
 * The records of a run that `trainRun` has finished.
 *
 * @param iterations of the whole run
 * @returns undefined if it is not finished yet
 * @throws FILE_UNREADABLE
 */
export async function finishedRun(folder: string, iterations: number): Promise<MetricsRecord[] | undefined> {
  const names = ['model.safetensors', 'metrics.jsonl'];
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  if (!found.every((each) => each !== undefined)) return undefined;
  const records = await readMetrics(join(folder, 'metrics.jsonl'));
  // The last step is followed by a test, and only then are the weights written.
  const isFinished = records.some(({ kind, iteration }) => kind === 'test' && iteration === iterations);
  return isFinished ? records : undefined;
}
