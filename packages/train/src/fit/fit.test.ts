import { type Dataset, imageAt, loader, mixup, oneOf } from '@resnet/data';
import { evaluate } from '@resnet/eval';
import { useOneBackend } from '@resnet/testing/backends';
import { cifarResNet, type Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  type FitOptions,
  fit,
  type MetricsRecord,
  type Progress,
  type Recipe,
  recipe,
  reestimateStatistics,
} from '../index.js';
import { normalization, stripes } from '../test-support.js';

useOneBackend('wasm-threads');

const train = stripes(40);
const test = stripes(10);
const short = recipe('cifar10-paper', {
  batchSize: 8,
  iterations: 12,
  learningRate: 0.05,
  schedule: { kind: 'steps', milestones: [8], factor: 0.1 },
  seed: 4,
});
/** All that has a state. */
const everything: Partial<Recipe> = {
  schedule: { kind: 'plateau', factor: 0.5, patience: 0, threshold: 0.9 },
  warmup: { kind: 'until', learningRate: 0.01, error: 0.9 },
  rule: 'caffe',
  accumulation: 3,
  decayed: 'weights',
  labelSmoothing: 0.1,
  clipNorm: 1,
  averaging: 0.8,
  reestimateImages: 24,
};
const modern: Partial<Recipe> = {
  schedule: { kind: 'one-cycle', rise: 0.3, startDivisor: 10, endDivisor: 100, shape: 'cosine' },
  warmup: { kind: 'linear', iterations: 3, start: 0.1 },
  rule: 'nesterov',
  isDecayDecoupled: true,
};
const network = () => cifarResNet(8, { classes: 2, inChannels: 1, seed: 4 });

/** Runs `fit` to its end or error and gives what it reported. */
async function run(net: Network, changes: Partial<FitOptions> = {}) {
  const [records, checkpoints, progress]: [MetricsRecord[], Checkpoint[], Progress[]] = [[], [], []];
  const error = await fit(net, {
    train,
    test,
    recipe: short,
    normalization,
    recordEvery: 3,
    testEvery: 5,
    checkpointEvery: 5,
    onRecord: (record) => void records.push(record),
    onCheckpoint: (checkpoint) => void checkpoints.push(structuredClone(checkpoint)),
    onProgress: (state) => void progress.push(state),
    ...changes,
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { records, checkpoints, progress, error };
}

/** Without what the clock says. */
const timeless = (records: MetricsRecord[]) =>
  records.map((record) => ({
    ...record,
    ...(record.kind === 'train' ? { imagesPerSecond: 0, waiting: 0, seconds: undefined } : {}),
  }));

describe('fit', () => {
  it('learns, reports, tests, saves, and leaks nothing', async () => {
    const before = tf.memory().numTensors;
    const net = network();
    const { records, checkpoints, progress, error } = await run(net, {
      recipe: { ...short, iterations: 20 },
    });
    expect(error).toBeUndefined();
    const kinds = records.map(({ kind, iteration }) => `${kind} ${iteration}`);
    const trained = [3, 6, 9, 12, 15, 18, 20].map((iteration) => `train ${iteration}`);
    const tested = [5, 10, 15, 20].map((iteration) => `test ${iteration}`);
    expect(kinds.toSorted()).toEqual([...trained, ...tested].toSorted());
    expect(checkpoints.map(({ iteration }) => iteration)).toEqual([5, 10, 15, 20]);
    expect(progress).toHaveLength(20);
    expect(progress[7]).toMatchObject({ iteration: 8, iterations: 20, epoch: 1.6, learningRate: 0.05 });
    expect(progress[8]!.learningRate).toBeCloseTo(0.005, 12);
    expect(records.findLast(({ kind }) => kind === 'test')).toMatchObject({ error: 0, count: 10 });
    net.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains on mixed batches, by any data set, in workers, and says how long it waited', async () => {
    const { images, height, width, channels } = train;
    const dataset: Dataset = {
      name: 'made',
      count: train.count,
      classes: train.classes,
      labels: Int32Array.from(train.labels),
      read: async (index) => ({ ...imageAt(train, index), pixels: imageAt(train, index).pixels.slice() }),
    };
    expect(images.length).toBe(dataset.count * height * width * channels);
    const options = { recipe: { ...short, augmentation: 'none' as const }, mixing: mixup({ alpha: 1 }) };
    const [weights, losses] = [[] as unknown[], [] as number[][]];
    const before = tf.memory().numTensors;
    for (const data of [
      { train },
      { train: dataset, workers: 1 },
      { train, mixing: oneOf(mixup({ alpha: 1 })) },
    ]) {
      const net = network();
      const { records, progress, error } = await run(net, { ...options, ...data });
      expect(error).toBeUndefined();
      for (const { waiting } of progress) expect(waiting).toSatisfy((share) => share >= 0 && share < 1);
      losses.push(records.map(({ loss }) => loss!));
      weights.push([...(await net.stateDict()).values()].map(({ data }) => data));
      net.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(weights[1]).toEqual(weights[0]);
    expect(losses[2]).not.toEqual(losses[0]);
    const plain = network();
    const { error } = await run(plain, { train: dataset });
    expect(error).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('transform') });
    plain.dispose();
  });

  it.each([
    ['the plain recipe', {}],
    ["Caffe's rule, plateaus, averaging and all else", everything],
    ["Nesterov's momentum, one cycle and a warm-up", modern],
  ])('comes to the same weights, bit for bit, when stopped and resumed anywhere: %s', async (_, changes) => {
    const options = { recipe: { ...short, ...changes } };
    const whole = network();
    const straight = await run(whole, options);
    for (const stopAt of [1, 5, 7, 11]) {
      const stopped = network();
      const controller = new AbortController();
      const first = await run(stopped, {
        ...options,
        signal: controller.signal,
        onProgress: ({ iteration }) => iteration === stopAt && controller.abort(),
      });
      expect(first.error).toMatchObject({ code: 'ABORTED' });
      const resume = first.checkpoints.at(-1)!;
      expect(resume.iteration).toBe(stopAt);
      const resumed = cifarResNet(8, { classes: 2, inChannels: 1, seed: 99 });
      const second = await run(resumed, { ...options, resume });
      expect(second.error).toBeUndefined();
      expect(await resumed.stateDict()).toEqual(await whole.stateDict());
      expect(second.checkpoints.at(-1)).toEqual({
        ...straight.checkpoints.at(-1)!,
        window: expect.anything(),
      });
      expect(timeless([...first.records, ...second.records])).toEqual(timeless(straight.records));
      stopped.dispose();
      resumed.dispose();
    }
    whole.dispose();
  });

  it('hears a signal that comes in the middle of steps or of a test, and then resumes with that test', async () => {
    const endless = { ...short, iterations: 1_000_000 };
    const steps = await run(network(), {
      recipe: endless,
      testEvery: 1_000_000,
      signal: AbortSignal.timeout(300),
    });
    expect(steps.error).toMatchObject({ code: 'ABORTED' });

    const controller = new AbortController();
    const onRecord: FitOptions['onRecord'] = ({ iteration }) =>
      void (iteration === 3 && setTimeout(() => controller.abort()));
    const long = {
      test: stripes(1500),
      recipe: { ...short, iterations: 4 },
      testEvery: 3,
      checkpointEvery: 3,
    };
    const tested = await run(network(), { ...long, signal: controller.signal, onRecord });
    expect(tested.error).toMatchObject({ code: 'ABORTED' });
    const resume = tested.checkpoints.at(-1)!;
    expect(resume).toMatchObject({ iteration: 3, testDue: true });
    const { records } = await run(network(), { ...long, resume });
    expect(records[0]).toMatchObject({ kind: 'test', iteration: 3, count: 1500 });
  });

  it('ends early when tests get no better, with the best one known', async () => {
    const net = network();
    const bests: number[] = [];
    const { records, checkpoints } = await run(net, {
      recipe: { ...short, iterations: 1000, learningRate: 1e-12 },
      testEvery: 2,
      patience: 2,
      onBest: ({ iteration }) => void bests.push(iteration),
    });
    const tests = records.filter(({ kind }) => kind === 'test');
    expect(tests.length).toBeLessThan(30);
    expect(checkpoints.at(-1)).toMatchObject({ testsSinceBest: 2, iteration: tests.at(-1)!.iteration });
    expect(checkpoints.at(-1)!.best!.iteration).toBe(bests.at(-1));
    net.dispose();
  });

  it('ends with the averaged weights, which are the ones that it tested', async () => {
    const net = network();
    const { checkpoints, records } = await run(net, { recipe: { ...short, averaging: 0.5 } });
    const state = await net.stateDict();
    expect(state).toEqual(checkpoints.at(-1)!.averages);
    expect(state).not.toEqual(checkpoints.at(-1)!.network);
    const { loss } = await evaluate(net, test, { normalization });
    expect(records.findLast(({ kind }) => kind === 'test')!.loss).toBeCloseTo(loss, 6);
    net.dispose();
  });

  it('ends with the statistics of training images as they are, which are the ones that it tested', async () => {
    const net = network();
    const options = { recipe: { ...short, reestimateImages: train.count } };
    const { checkpoints, records, error } = await run(net, options);
    expect(error).toBeUndefined();
    const state = await net.stateDict();
    const expected = network();
    const last = checkpoints.at(-1)!;
    expected.loadStateDict(last.network);
    expect(last.network.get('bn1.running_mean')).not.toEqual(state.get('bn1.running_mean'));
    const batches = loader(train, { batchSize: short.batchSize, seed: short.seed, shuffle: true });
    await reestimateStatistics(expected, batches.epoch(0), normalization);
    expect(state).toEqual(await expected.stateDict());
    const { loss } = await evaluate(net, test, { normalization });
    expect(records.findLast(({ kind }) => kind === 'test')!.loss).toBeCloseTo(loss, 6);
    net.dispose();
    expected.dispose();
  });

  it('gives another run for another seed', async () => {
    const [first, second] = [network(), network()];
    await run(first, { recipe: { ...short, iterations: 2 } });
    await run(second, { recipe: { ...short, iterations: 2, seed: 5 } });
    expect(await first.stateDict()).not.toEqual(await second.stateDict());
    first.dispose();
    second.dispose();
  });

  it('stops at a loss that is not finite, names the step, and saves nothing of it', async () => {
    const net = network();
    const broken = { ...normalization, mean: Float32Array.of(Number.NaN) };
    const { error, checkpoints } = await run(net, { normalization: broken });
    expect(error).toMatchObject({
      code: 'LOSS_NOT_FINITE',
      message: expect.stringMatching(/the (loss|gradient) of step 1 is not/),
    });
    expect(checkpoints).toEqual([]);
    const diverging = await run(network(), { recipe: { ...short, learningRate: 1e30 }, checkpointEvery: 1 });
    expect(diverging.error).toMatchObject({ code: 'LOSS_NOT_FINITE' });
    for (const { network } of diverging.checkpoints) {
      for (const { data } of network.values()) expect(data.every(Number.isFinite)).toBe(true);
    }
    net.dispose();
  });

  it('leaves frozen parameters and their statistics alone', async () => {
    const net = network();
    net.freezeThrough('stem');
    const before = await net.stateDict();
    await run(net, { recipe: { ...short, iterations: 2, reestimateImages: 16 } });
    const after = await net.stateDict();
    for (const name of before.keys()) {
      const isFrozen = name.startsWith('conv1.') || name.startsWith('bn1.');
      expect([name, String(after.get(name)!.data) === String(before.get(name)!.data)]).toEqual([
        name,
        isFrozen,
      ]);
    }
    net.dispose();
  });

  it('refuses a schedule that waits for tests where there are none', async () => {
    const schedule = { kind: 'plateau', factor: 0.1, patience: 1, threshold: 0 } as const;
    const net = network();
    await expect(fit(net, { train, normalization, recipe: { ...short, schedule } })).rejects.toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining('no test set') }),
    );
    net.dispose();
  });

  it('refuses a checkpoint of another network', async () => {
    const [net, other] = [network(), cifarResNet(14, { classes: 2, inChannels: 1 })];
    const { checkpoints } = await run(net, { recipe: { ...short, iterations: 1 } });
    const { error } = await run(other, { resume: checkpoints[0]! });
    expect(error).toMatchObject({ code: 'WEIGHTS_MISMATCH' });
    net.dispose();
    other.dispose();
  });
});
