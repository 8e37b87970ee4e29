import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, ResnetError, useBackend } from '@resnet/backend';
import { cifarResNet, create, readSafetensors } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recipe } from './index.js';
import { type RunOptions, readMetrics, trainRun } from './node.js';
import { normalization, stripes } from './testing.js';

let backend: Backend;
let folder: string;
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 2 });
});
afterAll(() => backend.dispose());
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'resnet-run-')), 'run');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const [train, test] = [stripes(40), stripes(10)];
const short = recipe('cifar10-paper', {
  batchSize: 8,
  iterations: 8,
  learningRate: 0.05,
  schedule: { kind: 'steps', milestones: [6], factor: 0.1 },
});

/** A run of 8 steps with a test and a checkpoint every 2. */
async function run(changes: Partial<RunOptions> = {}) {
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

const failing = (changes?: Partial<RunOptions>) =>
  run(changes).then(
    () => undefined,
    (error: unknown) => error,
  );
const weights = async () => readSafetensors(await readFile(join(folder, 'model.safetensors'))).tensors;
const metrics = async () =>
  (await readMetrics(join(folder, 'metrics.jsonl'))).map(({ kind, iteration, error }) => [
    kind,
    iteration,
    error,
  ]);
const checkpoints = () => readdir(join(folder, 'checkpoints'));

/** Stops after a step. */
function stoppingAfter(step: number): Partial<RunOptions> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: ({ iteration }) => iteration === step && controller.abort(),
  };
}

describe('trainRun', () => {
  it('leaves a folder with everything in it', async () => {
    const network = create('resnet20', { classes: 2, inChannels: 1 });
    const result = await run({ network, device: 'the test machine' });
    expect((await readdir(folder)).sort()).toEqual([
      'best.safetensors',
      'checkpoints',
      'curves.svg',
      'metrics.jsonl',
      'model.safetensors',
      'report.md',
    ]);
    expect(await checkpoints()).toEqual(['00000006', '00000008']);
    expect(await readdir(join(folder, 'checkpoints', '00000008'))).toEqual([
      'model.safetensors',
      'optimizer.safetensors',
      'state.json',
    ]);
    expect(result).toMatchObject({ folder, testCount: 10, iterations: 8 });
    expect(result.testError).toBe(result.testErrors / 10);
    expect((await metrics()).map(([kind, iteration]) => `${kind} ${iteration}`)).toEqual(
      [2, 4, 6, 8].flatMap((iteration) => [`train ${iteration}`, `test ${iteration}`]),
    );
    expect(await readFile(join(folder, 'curves.svg'), 'utf8')).toMatch(/^<svg .*resnet20.*<\/svg>\n$/s);
    const report = await readFile(join(folder, 'report.md'), 'utf8');
    expect(report).toContain('| device | the test machine |');
    expect(report).toContain('| schedule | steps: milestones 6, factor 0.1 |');

    const model = await loadModel(join(folder, 'model.safetensors'));
    expect(model.network.architecture).toEqual({
      name: 'resnet20',
      classes: 2,
      inChannels: 1,
      shortcut: 'A',
    });
    expect(model).toMatchObject({ normalization, classNames: ['across', 'down'] });
    model.network.dispose();
    const checkpoint = await loadModel(join(folder, 'checkpoints', '00000006', 'model.safetensors'));
    expect(checkpoint).toMatchObject({ normalization, classNames: ['across', 'down'] });
    checkpoint.network.dispose();
  });

  it('goes on after an interruption to the same weights and one metrics file', async () => {
    await run();
    const [expectedWeights, expectedMetrics] = [await weights(), await metrics()];
    await rm(folder, { recursive: true });

    expect(await failing(stoppingAfter(3))).toMatchObject({ code: 'ABORTED' });
    expect(await checkpoints()).toEqual(['00000002', '00000003']);
    await run({ resume: true });
    expect(await weights()).toEqual(expectedWeights);
    expect(await metrics()).toEqual(expectedMetrics);
  });

  it('takes steps again that came after the last checkpoint, and drops their records', async () => {
    await run();
    const [expectedWeights, expectedMetrics] = [await weights(), await metrics()];
    // As if the machine had lost power behind step 6, in the middle of a line.
    await rm(join(folder, 'checkpoints', '00000008'), { recursive: true });
    await mkdir(join(folder, 'checkpoints', '.00000008.tmp'));
    await writeFile(
      join(folder, 'metrics.jsonl'),
      `${await readFile(join(folder, 'metrics.jsonl'), 'utf8')}{"kind":"tr`,
    );
    await run({ resume: true });
    expect(await weights()).toEqual(expectedWeights);
    expect(await metrics()).toEqual(expectedMetrics);
  });

  it('starts a new log where the old one is gone', async () => {
    await failing(stoppingAfter(4));
    await rm(join(folder, 'metrics.jsonl'));
    await run({ resume: true });
    expect((await metrics()).map(([kind, iteration]) => `${kind} ${iteration}`)).toEqual(
      // The test of step 4 had not been made yet.
      ['test 4', 'train 6', 'test 6', 'train 8', 'test 8'],
    );
  });

  it('passes over a broken checkpoint for the one before, and refuses if all are broken', async () => {
    await failing(stoppingAfter(5));
    expect(await checkpoints()).toEqual(['00000004', '00000005']);
    await truncate(join(folder, 'checkpoints', '00000005', 'optimizer.safetensors'), 1000);
    const seen: number[] = [];
    await failing({ resume: true, onProgress: ({ iteration }) => void seen.push(iteration) });
    expect(seen[0]).toBe(5);

    for (const name of await checkpoints())
      await writeFile(join(folder, 'checkpoints', name, 'state.json'), '{}');
    const error = await failing({ resume: true });
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect((error as ResnetError).message.match(/state\.json/g)).toHaveLength(2);
  });

  it('refuses to resume another network or recipe, and lists the differences', async () => {
    await failing(stoppingAfter(2));
    const error = await failing({
      resume: true,
      network: cifarResNet(14, { classes: 2, inChannels: 1 }),
      recipe: { ...short, batchSize: 4 },
    });
    expect(error).toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringMatching(
        /network.name: "resnet8-cifar" there, "resnet14-cifar" here\n {2}recipe.batchSize: 8 there, 4 here$/,
      ),
    });
    // A longer run may go on from a shorter one.
    const result = await run({ resume: true, recipe: { ...short, iterations: 10 } });
    expect(result.iterations).toBe(10);
  });

  it('keeps to itself what it finds: no second run in a folder, unless resumed', async () => {
    await run();
    expect(await failing()).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('already holds a run'),
    });
    const again = await run({ resume: true });
    expect(again.iterations).toBe(8);
  });

  it('keeps the last good checkpoint when training diverges', async () => {
    const error = await failing({ recipe: { ...short, learningRate: 1e20 }, checkpointEvery: 1 });
    expect(error).toMatchObject({ code: 'LOSS_NOT_FINITE', message: expect.stringMatching(/step \d/) });
    for (const name of await checkpoints()) {
      const bytes = await readFile(join(folder, 'checkpoints', name, 'model.safetensors'));
      for (const { data } of readSafetensors(bytes).tensors.values())
        expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  it.skipIf(process.getuid?.() === 0)(
    'says before the first step that a folder can’t be written (skipped for root, who can write anywhere)',
    async () => {
      await chmod(join(folder, '..'), 0o500);
      const error = await failing();
      await chmod(join(folder, '..'), 0o700);
      expect(error).toMatchObject({ code: 'FILE_UNWRITABLE' });
    },
  );

  it('says that a file stands where the folder should', async () => {
    await writeFile(folder, '');
    const error = await failing();
    expect(ResnetError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});
