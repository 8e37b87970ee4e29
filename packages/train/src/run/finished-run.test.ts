import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MetricsRecord, summarizeRun } from '../index.js';
import { finishedRun } from '../node.js';

/** Two epochs of two records each, with a test after each epoch. */
const records = (end: number): MetricsRecord[] => {
  const seconds = { data: 1, forward: 2, backward: 3, update: 4 };
  const train = {
    kind: 'train',
    loss: 1,
    learningRate: 0.1,
    imagesPerSecond: 1,
    waiting: 0,
    seconds,
  } as const;
  const test = { kind: 'test', loss: 1, count: 100 } as const;
  return [
    { ...train, iteration: 10, epoch: 0.5, error: 0.9 },
    { ...train, iteration: 20, epoch: 1, error: 0.5 },
    { ...test, iteration: 20, epoch: 1, error: end - 0.01 },
    { ...train, iteration: 30, epoch: 1.5, error: 0.2 },
    { ...train, iteration: 40, epoch: 2, error: 0.1 },
    { ...test, iteration: 40, epoch: 2, error: end },
  ];
};

describe('summarizeRun', () => {
  it('means the training error of the last tenth of the records, at most 20, and adds up seconds', () => {
    const summary = summarizeRun(records(0.08));
    expect(summary).toEqual({
      ...{ iterations: 40, trainingError: 0.1, trainingRecords: 1 },
      ...{ testError: 0.08, lowestTestError: 0.07, seconds: 40 },
    });
  });

  it('means at most 20 records', () => {
    const train = records(0.1)[0]!;
    const many = Array.from({ length: 300 }, (_, index) => ({ ...train, error: index / 300 }));
    const { trainingError, trainingRecords } = summarizeRun([...many, ...records(0.1).slice(-1)]);
    expect(trainingRecords).toBe(20);
    expect(trainingError).toBeCloseTo(289.5 / 300);
  });

  it('refuses a run without tests', () => {
    const untested = records(0.1).filter(({ kind }) => kind === 'train');
    expect(() => summarizeRun(untested)).toThrow(
      expect.objectContaining({ code: 'DATA_MISSING', message: expect.stringContaining('found 4 and 0') }),
    );
  });
});

describe('finishedRun', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet-run-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has the records once the weights are written after the last test', async () => {
    const run = join(folder, 'run');
    const lines = records(0.1).map((record) => `${JSON.stringify(record)}\n`);
    await mkdir(run);
    expect(await finishedRun(run, 40)).toBeUndefined();
    await writeFile(join(run, 'metrics.jsonl'), lines.join(''));
    expect(await finishedRun(run, 40)).toBeUndefined();
    await writeFile(join(run, 'model.safetensors'), '');
    expect(await finishedRun(run, 40)).toEqual(records(0.1));
    expect(await finishedRun(run, 50)).toBeUndefined();
  });
});
