import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatSpread, type MetricsRecord, spreadOf, summarizeRun } from './index.js';
import { finishedRun, openExperiment } from './node.js';

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

describe('spreadOf', () => {
  it('has the deviation of a sample, and is written as in Table 6', () => {
    const spread = spreadOf([0.06, 0.07, 0.08]);
    expect(spread).toMatchObject({ best: 0.06, mean: expect.closeTo(0.07), deviation: expect.closeTo(0.01) });
    expect(formatSpread(spread)).toBe('6.00 (7.00±1.00)');
    expect(() => spreadOf([1])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});

describe('folders', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet-experiment-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const numbers = {
    experiment: 'repeat',
    recipe: { batchSize: 8, schedule: { kind: 'steps', milestones: [6] } },
  };

  it('of an experiment hold its numbers, and go on with the same ones on another device', async () => {
    const made = join(folder, 'new', 'folder');
    await openExperiment(made, numbers, { device: 'one' });
    await openExperiment(made, numbers, { device: 'another' });
    const text = await readFile(join(made, 'experiment.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({ ...numbers, circumstances: { device: 'one' } });
    // Of before there was such a setting.
    await openExperiment(made, { ...numbers, recipe: { ...numbers.recipe, reestimateImages: 0 } }, {});
  });

  it('of another experiment are refused with the differences', async () => {
    await openExperiment(folder, numbers, {});
    const other = { ...numbers, recipe: { batchSize: 4, schedule: { kind: 'constant' } } };
    await expect(openExperiment(folder, other, {})).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringMatching(
        /\n {2}recipe.batchSize: 8 there, 4 here\n {2}recipe.schedule.kind: "steps" there, "constant" here\n {2}recipe.schedule.milestones: \[6\] there, none here$/,
      ),
    });
  });

  it('that hold other things, or nothing that can be read, are refused', async () => {
    await writeFile(join(folder, 'thesis.tex'), '');
    await expect(openExperiment(folder, numbers, {})).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('thesis.tex'),
    });
    await writeFile(join(folder, 'experiment.json'), '[');
    await expect(openExperiment(folder, numbers, {})).rejects.toMatchObject({ code: 'DATA_INVALID' });
    const file = join(folder, 'thesis.tex');
    await expect(openExperiment(file, numbers, {})).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });

  it('of a run are finished once the weights are written after the last test', async () => {
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
