import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '@resnet/core';
import { writeWholeFile } from '@resnet/files/node';
import { readSafetensors, writeSafetensors } from '@resnet/zoo';
import { describe, expect, it } from 'vitest';
import { LineTask, lineRecipe } from '../fit/testing.js';
import { fitTask } from '../index.js';
import { type RunSubject, type RunTaskOptions, readMetrics, runTask } from '../node.js';
import { folder, useRunFolder } from './testing.js';

useRunFolder();

/** A run of 12 steps with a test and a checkpoint every 4. */
async function run(
  changes: Partial<RunTaskOptions> = {},
  settings: object = { noise: 0.1 },
  score?: RunSubject['about']['score'],
) {
  const recipe = changes.recipe ?? lineRecipe;
  const task = new LineTask(recipe);
  const { network } = task;
  const data = { name: 'points', count: 40 };
  const subject = {
    network,
    settings: { architecture: { name: 'line' }, recipe, ...settings },
    about: { architecture: { name: 'line', points: 8 }, train: data, test: data, ...defined({ score }) },
    metadata: { kind: 'line' },
    train: (options: Parameters<typeof fitTask>[1]) => fitTask(task, options),
    saveModel: async (path: string) => writeWholeFile(path, writeSafetensors(await network.stateDict())),
  };
  const every = { recordEvery: 5, testEvery: 4, checkpointEvery: 4 };
  return runTask(subject, { folder, recipe, ...every, ...changes }).finally(() => network.dispose());
}

const read = (name: string) => readFile(join(folder, name));
/** The log without what the clock says. */
const log = async () =>
  (await readMetrics(join(folder, 'metrics.jsonl'))).map((record) =>
    JSON.stringify(
      record.kind === 'train' ? { ...record, imagesPerSecond: 0, waiting: 0, seconds: 0 } : record,
    ),
  );

describe('runTask', () => {
  it('leaves a folder of any task with everything in it', async () => {
    const result = await run({ tensorboard: 'scalars' });
    expect((await readdir(folder)).filter((name) => !name.startsWith('events')).sort()).toEqual([
      'best.safetensors',
      'checkpoints',
      'curves.svg',
      'metrics.jsonl',
      'model.safetensors',
      'report.md',
    ]);
    const { metadata } = readSafetensors(await read('checkpoints/00000012/model.safetensors'));
    expect(metadata).toMatchObject({ kind: 'line' });
    const { tensors } = readSafetensors(await read('model.safetensors'));
    expect(result.test).toMatchObject({ iteration: 12, measures: { slope: tensors.get('weight')!.data[0] } });
    const state = JSON.parse((await read('checkpoints/00000012/state.json')).toString());
    expect(state).toMatchObject({ noise: 0.1, architecture: { name: 'line' }, iteration: 12 });
    const events = (await readdir(folder)).find((name) => name.startsWith('events'))!;
    const text = (await read(events)).toString('latin1');
    for (const tag of ['train/square', 'test/slope', 'test/error']) expect(text).toContain(tag);
    expect(text).not.toContain('test/loss');
    const report = (await read('report.md')).toString();
    expect(report).toContain('# line, trained on points');
    expect(report).toContain('| momentum | 0.9 |');
  });

  it("reports a detector's mAP, which is higher where the error is lower, and what its loss is made of", async () => {
    await run({ recipe: { ...lineRecipe, iterations: 40 } }, {}, 'mAP');
    const records = await readMetrics(join(folder, 'metrics.jsonl'));
    const tests = records.filter((record) => record.kind === 'test');
    const last = tests.at(-1)!;
    const percent = (error: number) => `${(100 * (1 - error)).toFixed(2)} %`;
    const report = (await read('report.md')).toString();
    const lowest = Math.min(...tests.map(({ error }) => error));
    expect(report).toContain(
      `mAP **${percent(last.error)}** on 1 images after 40 iterations; highest on the way`,
    );
    expect(report).toContain(`highest on the way ${percent(lowest)}, at `);
    expect(report).toContain('| points | 8 |');
    expect(report).toContain('| iteration | epoch | mAP | slope | bias |');
    const { slope, bias } = last.measures as { slope: number; bias: number };
    const row = ['40', '8.00', percent(last.error), slope.toFixed(4), bias.toFixed(4)];
    expect(report).toContain(`| ${row.join(' | ')} |`);
    expect(report).toContain('## Losses in training\n\n| iteration | loss | square | size |');
    expect(report).toMatch(/\n\| 40 \| \d\.\d{4} \| \d\.\d{4} \| \d\.\d{4} \|\n$/);
    const svg = (await read('curves.svg')).toString();
    for (const text of ['mAP (%)', 'square', 'size']) expect(svg).toContain(`>${text}</text>`);
  });

  it('comes to the same bytes when it is stopped and resumed at random steps', async () => {
    await run();
    const [model, best, records] = [
      await read('model.safetensors'),
      await read('best.safetensors'),
      await log(),
    ];
    await rm(folder, { recursive: true });
    await mkdir(folder);
    let [at, stops] = [0, 0];
    while (at < 12) {
      at += 1 + Math.floor(4 * Math.random());
      const controller = new AbortController();
      const stopAt = at;
      await run({
        resume: stops > 0,
        signal: controller.signal,
        onProgress: ({ iteration }) => iteration === stopAt && controller.abort(),
      }).catch((error) => expect(error).toMatchObject({ code: 'ABORTED' }));
      stops++;
    }
    await run({ resume: true });
    expect(stops).toBeGreaterThan(2);
    expect(await read('model.safetensors')).toEqual(model);
    expect(await read('best.safetensors')).toEqual(best);
    expect(await log()).toEqual(records);
  });

  it('refuses to resume with other settings of the task, of which it knows nothing', async () => {
    await run({ recipe: { ...lineRecipe, iterations: 4 } });
    for (const [settings, difference] of [
      [{ noise: 0.2 }, '  noise: 0.1 there, 0.2 here'],
      [{}, '  noise: 0.1 there, none here'],
    ] as const) {
      await expect(run({ resume: true }, settings)).rejects.toMatchObject({
        code: 'CHECKPOINT_MISMATCH',
        message: expect.stringContaining(difference),
      });
    }
    await run({ resume: true });
  });
});
