import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { cifarResNet, readSafetensors } from '@resnet/zoo';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { recipe } from '../index.js';
import { type RunOptions, readMetrics, trainRun } from '../node.js';
import { normalization, stripes } from '../test-support.js';

/** The folder of the running test's run; `useRunFolder` makes a new one for each test. */
export let folder: string;

/** Gives the tests of a file a backend, and each a folder for its run, which need not exist yet. */
export function useRunFolder(): void {
  let backend: Awaited<ReturnType<typeof useBackend>>;
  beforeAll(async () => {
    backend = await useBackend('wasm', { threads: 2 });
  });
  afterAll(() => backend.dispose());
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'resnet-run-')), 'run');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));
}

export const [train, test] = [stripes(40), stripes(10)];
export const short = recipe('cifar10-paper', {
  batchSize: 8,
  iterations: 8,
  learningRate: 0.05,
  schedule: { kind: 'steps', milestones: [6], factor: 0.1 },
});

/** A run of 8 steps with a test and a checkpoint every 2. */
export async function run(changes: Partial<RunOptions> = {}) {
  const network = changes.network ?? cifarResNet(8, { classes: 2, inChannels: 1 });
  const every = { recordEvery: 2, testEvery: 2, checkpointEvery: 2 };
  try {
    return await trainRun({
      folder,
      network,
      train,
      test,
      recipe: short,
      normalization,
      ...every,
      ...changes,
    });
  } finally {
    network.dispose();
  }
}

export const failing = (changes?: Partial<RunOptions>) =>
  run(changes).then(
    () => undefined,
    (error: unknown) => error,
  );
export const weights = async () => readSafetensors(await readFile(join(folder, 'model.safetensors'))).tensors;
export const metrics = async () =>
  (await readMetrics(join(folder, 'metrics.jsonl'))).map(({ kind, iteration, error }) => [
    kind,
    iteration,
    error,
  ]);
export const checkpoints = async () => (await readdir(join(folder, 'checkpoints'))).sort();

/** Stops after a step. */
export function stoppingAfter(step: number): Partial<RunOptions> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: ({ iteration }) => iteration === step && controller.abort(),
  };
}
