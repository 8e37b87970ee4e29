import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../fit/training-state.js';
import type { MetricsRecord } from './metrics.js';
import { MetricsFile } from './metrics-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-metrics-'));
});
afterEach(() => rm(folder, { recursive: true }));

const record = (iteration: number): MetricsRecord => ({
  ...{ kind: 'test', iteration, epoch: 0, loss: 1, error: 0.5, count: 10 },
});

describe('MetricsFile', () => {
  it('goes on from a checkpoint to the same lines, wherever the last one was cut off', async () => {
    const path = join(folder, 'metrics.jsonl');
    const whole = [2, 4, 6].map((iteration) => `${JSON.stringify(record(iteration))}\n`).join('');
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(path, whole.slice(0, length));
      const kept = whole.slice(0, length).split('\n').length - 1;
      const iteration = 2 * Math.min(kept, 2);
      const metrics = await MetricsFile.open(path, { iteration, testDue: false } as Checkpoint);
      const rest = [2, 4, 6].filter((each) => each > iteration);
      for (const each of rest) await metrics.append(record(each));
      expect(await readFile(path, 'utf8')).toBe(whole);
      expect(metrics.records).toEqual([2, 4, 6].map(record));
    }
  });
});
