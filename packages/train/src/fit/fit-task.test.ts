import { useOneBackend } from '@resnet/testing/backends';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  type FitTaskOptions,
  fitTask,
  type MetricsRecord,
  type TestRecord,
} from '../index.js';
import { LineTask, lineRecipe } from './testing.js';

useOneBackend();

/** Trains a new task to its end or error, and gives what it reported. */
async function run(changes: Partial<FitTaskOptions> = {}) {
  const task = new LineTask(changes.recipe ?? lineRecipe);
  const [records, checkpoints, best]: [MetricsRecord[], Checkpoint[], TestRecord[]] = [[], [], []];
  const error = await fitTask(task, {
    recipe: lineRecipe,
    ...{ recordEvery: 5, testEvery: 4, checkpointEvery: 4 },
    onRecord: (record) => void records.push(record),
    onCheckpoint: (checkpoint) => void checkpoints.push(structuredClone(checkpoint)),
    onBest: (test) => void best.push(test),
    ...changes,
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const state = await task.network.stateDict();
  task.network.dispose();
  return { records, checkpoints, best, error, state, counted: task.counted };
}

/** Without what the clock says. */
const timeless = (records: MetricsRecord[]) =>
  records.map((record) => ({
    ...record,
    ...(record.kind === 'train' ? { imagesPerSecond: 0, waiting: 0, seconds: undefined } : {}),
  }));

describe('fitTask', () => {
  it('trains what is no classifier, logs what its loss is made of and its measures, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const { records, best, error, counted, state } = await run({
      recipe: { ...lineRecipe, iterations: 100 },
    });
    expect(error).toBeUndefined();
    expect(tf.memory().numTensors).toBe(before);
    const trained = records
      .filter((record) => record.kind === 'train')
      .map(({ loss, losses, error }) => ({ loss, error, ...(losses as { square: number; size: number }) }));
    const tests = records.filter((record) => record.kind === 'test');
    expect(trained).toHaveLength(20);
    for (const { loss, error, ...losses } of trained) {
      expect(Object.keys(losses)).toEqual(['square', 'size']);
      expect(losses.square + losses.size).toBeCloseTo(loss, 5);
      expect(error).toSatisfy((share) => share >= 0 && share <= 1);
    }
    expect(trained.at(-1)!.square).toBeLessThan(trained[0]!.square / 10);
    expect(trained.at(-1)!.error).toBeLessThan(trained[0]!.error);
    // The averages are tested, and what training ends with.
    const { slope, bias } = tests.at(-1)!.measures!;
    expect([state.get('weight')!.data[0], state.get('bias')!.data[0]]).toEqual([slope, bias]);
    expect(Object.hasOwn(tests[0]!, 'loss')).toBe(false);
    const lowest = tests.reduce((a, b) => (b.error < a.error ? b : a));
    expect(best.at(-1)).toEqual(lowest);
    expect(counted).toEqual({ prepared: 300, tests: 25, reestimated: 1, closed: 1 });
  });

  it('comes to the same bytes when it is stopped and resumed anywhere', async () => {
    const straight = await run();
    // On a GPU the step after that has begun, and is finished.
    for (const stopAt of [1, 4, 7, 9]) {
      const controller = new AbortController();
      const first = await run({
        signal: controller.signal,
        onProgress: ({ iteration }) => iteration === stopAt && controller.abort(),
      });
      expect(first.error).toMatchObject({ code: 'ABORTED' });
      expect(first.counted.closed).toBe(1);
      // As a checkpoint is written to a file.
      const { window, ...others } = first.checkpoints.at(-1)!;
      const resume = { ...others, window: JSON.parse(JSON.stringify(window)) };
      const second = await run({ resume });
      expect(second.error).toBeUndefined();
      expect(second.state).toEqual(straight.state);
      const records = timeless([...first.records, ...second.records]);
      expect(JSON.stringify(records)).toBe(JSON.stringify(timeless(straight.records)));
    }
  });

  it('ends early when tests get no better', async () => {
    const { checkpoints, records, error } = await run({
      recipe: { ...lineRecipe, iterations: 1000, averaging: null, learningRate: 1e-12, warmup: null },
      ...{ testEvery: 2, patience: 3 },
    });
    expect(error).toBeUndefined();
    expect(checkpoints.at(-1)).toMatchObject({ testsSinceBest: 3, iteration: records.at(-1)!.iteration });
  });

  it('refuses a recipe that makes no sense, and a schedule that waits for tests where there are none', async () => {
    const { error, counted } = await run({ recipe: { ...lineRecipe, momentum: 2 } });
    expect(error).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('momentum') });
    expect(counted.closed).toBe(1);
    const task = new LineTask(lineRecipe);
    const untested = { ...task, loss: task.loss.bind(task), epoch: task.epoch.bind(task) };
    await expect(fitTask(untested, { recipe: lineRecipe })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('no test set'),
    });
    task.network.dispose();
  });

  it('ends with the step whose loss is not finite, and with an epoch that has no step', async () => {
    const diverging = await run({
      recipe: { ...lineRecipe, learningRate: 1e30, warmup: null, clipNorm: null },
    });
    expect(diverging.error).toMatchObject({ code: 'LOSS_NOT_FINITE' });
    const task = new LineTask(lineRecipe);
    const empty = { ...task, test: () => task.test(), loss: task.loss.bind(task), async *epoch() {} };
    await expect(fitTask(empty, { recipe: lineRecipe })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('found none from step 0 on'),
    });
    task.network.dispose();
  });
});
