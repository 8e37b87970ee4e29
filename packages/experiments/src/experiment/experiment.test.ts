import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, useBackend } from '@resnet/backend';
import { channelStatistics } from '@resnet/data';
import { madeSet, temporaryFolder } from '@resnet/testing';
import { recipe } from '@resnet/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDegradation } from './degradation.js';
import type { ExperimentEvent, ExperimentOptions } from './experiment.js';
import { runRepeat } from './repeat.js';

let backend: Backend;
let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  backend = await useBackend('wasm', { threads: 1 });
});
afterAll(async () => {
  backend.dispose();
  await remove();
});

const classes = ['a', 'b'];
const train = madeSet({ count: 8, height: 32, width: 32, classes });
const { mean, std } = channelStatistics(train);
const normalization = { mean: Float32Array.from(mean), std: Float32Array.from(std) };

const optionsFor = (name: string): ExperimentOptions => ({
  folder: join(folder, name),
  dataset: 'made',
  ...{ train, test: train, normalization },
  recipe: recipe('digits', { iterations: 2, batchSize: 4, augmentation: 'none' }),
  environment: { device: 'a test', versions: { resnet: '1' } },
});

describe('an experiment', () => {
  it('stops on request, goes on, and tells what it does', async () => {
    const stop = new AbortController();
    const events: ExperimentEvent[] = [];
    const onEvent = (event: ExperimentEvent) => {
      events.push(event);
      if (event.kind === 'progress') stop.abort();
    };
    const options = { ...optionsFor('repeat'), network: 'resnet8-cifar', runs: 2 };
    await expect(runRepeat({ ...options, onEvent, signal: stop.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(events.filter(({ kind }) => kind === 'run')).toHaveLength(1);
    expect(events[0]).toMatchObject({
      kind: 'plan',
      runs: [0, 1].map((seed) => ({ seed, inputShape: [32, 32, 3], architecture: { classes: 2 } })),
    });

    events.length = 0;
    const { results, testError, values, files } = await runRepeat({ ...options, onEvent });
    const runs = events.flatMap((event) => (event.kind === 'run' ? [event.run.name] : []));
    expect(runs).toEqual(['resnet8-cifar-seed-0', 'resnet8-cifar-seed-1']);
    expect(results.map(({ seed, iterations }) => [seed, iterations])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(testError.best).toBe(Math.min(...results.map(({ testError }) => testError)));
    expect(values).toMatchObject({ device: 'a test', networks: results });
    expect(files).toEqual(['table.md', 'results.json'].map((name) => join(options.folder, name)));
    expect(JSON.parse(await readFile(files[1]!, 'utf8'))).toEqual(values);
  });

  it.each([
    ['one run', () => runRepeat({ ...optionsFor('none'), network: 'resnet8-cifar', runs: 1 })],
    ['no depth', () => runDegradation({ ...optionsFor('none'), depths: [] })],
    ['a depth twice', () => runDegradation({ ...optionsFor('none'), depths: [8, 8] })],
  ])('refuses %s before it trains', async (_, start) => {
    await expect(start()).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});
