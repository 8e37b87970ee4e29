import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import { cifarResNet, create, readSafetensors } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  type TestContext,
  vi,
} from 'vitest';
import { recipe } from '../index.js';
import { type RunOptions, readMetrics, trainRun } from '../node.js';
import { normalization, stripes } from '../test-support.js';

let backend: Backend;
let folder: string;
let unmount = () => {};
beforeAll(async () => {
  backend = await useBackend('wasm', { threads: 2 });
});
afterAll(() => backend.dispose());
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'resnet-run-')), 'run');
  unmount = () => {};
});
afterEach(async () => {
  unmount();
  await rm(join(folder, '..'), { recursive: true });
});

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
const checkpoints = async () => (await readdir(join(folder, 'checkpoints'))).sort();

/** Stops after a step. */
function stoppingAfter(step: number): Partial<RunOptions> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: ({ iteration }) => iteration === step && controller.abort(),
  };
}

/** Does something without the rights of root, who can write anywhere. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid!() !== 0) return work();
  process.seteuid!(65_534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

/** Puts an empty file system of a size in the place of what holds the folder; where that can't be, skips the test. */
function mountSmallDisk(context: TestContext, size: string): void {
  const path = join(folder, '..');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    context.skip('a small file system can only be mounted as root, on Linux');
  }
  unmount = () => execFileSync('umount', [path]);
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

  it("writes TensorBoard's files when asked to", async () => {
    await run({ tensorboard: 'histograms' });
    const names = (await readdir(folder)).filter((name) => name.startsWith('events.out.tfevents.'));
    expect(names).toHaveLength(1);
    const text = (await readFile(join(folder, names[0]!))).toString('latin1');
    for (const tag of ['train/loss', 'train/waiting', 'test/error', 'conv1.weight'])
      expect(text).toContain(tag);
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
    await mkdir(join(folder, 'checkpoints', '.00000008.0123456789abcdef.tmp'));
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

  it('refuses to resume another network, recipe or data set, and lists the differences', async () => {
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
    const wider = {
      train: { ...train, classes: ['across', 'down', 'none'] },
      normalization: { ...normalization, mean: Float32Array.of(0.5) },
    };
    const network = cifarResNet(8, { classes: 3, inChannels: 1 });
    expect(await failing({ resume: true, network, ...wider })).toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringMatching(
        new RegExp(
          [
            '  network.classes: 2 there, 3 here',
            '  train.classes: \\["across","down"\\] there, \\["across","down","none"\\] here',
            '  normalization.mean: \\[0\\.4\\d*\\] there, \\[0\\.5\\] here$',
          ].join('\n'),
        ),
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

  it.skipIf(process.platform === 'win32')(
    'says before the first step that a folder can’t be written (skipped on Windows, which has no such modes)',
    async () => {
      const onProgress = vi.fn();
      await chmod(join(folder, '..'), 0o555);
      const error = await asNobody(() => failing({ onProgress }));
      expect(error).toMatchObject({ code: 'FILE_UNWRITABLE', message: expect.stringContaining(folder) });

      await chmod(join(folder, '..'), 0o755);
      await failing(stoppingAfter(3));
      const log = await readFile(join(folder, 'metrics.jsonl'));
      const atResume = await asNobody(() => failing({ resume: true, onProgress }));
      expect(atResume).toMatchObject({ code: 'FILE_UNWRITABLE' });
      expect(onProgress).not.toHaveBeenCalled();
      expect(await readFile(join(folder, 'metrics.jsonl'))).toEqual(log);
    },
  );

  it('says before the first step that the disk has no room for the run', async (context) => {
    mountSmallDisk(context, '2m');
    const onProgress = vi.fn();
    const error = await failing({ onProgress });
    expect(error).toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringMatching(/has 2\.1 MB left; this run needs [3-4]\.\d MB\. Make room/),
    });
    expect(onProgress).not.toHaveBeenCalled();
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });

  it('keeps the last checkpoint when the disk fills up, and goes on once there is room', async (context) => {
    await run();
    const [expectedWeights, expectedMetrics] = [await weights(), await metrics()];
    mountSmallDisk(context, '6m');
    const filler = join(folder, '..', 'filler');
    const fillUp = ({ iteration }: { iteration: number }) => {
      if (iteration !== 5) return;
      // All but what a part of a checkpoint takes.
      execFileSync('sh', ['-c', `cat /dev/zero > ${filler} 2> /dev/null; truncate -s -200K ${filler}`]);
    };
    const error = await failing({ onProgress: fillUp });
    expect(error).toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringMatching(/00000006: ENOSPC.+ make room, .+ resume/),
    });
    expect(await checkpoints()).toEqual(['00000002', '00000004']);
    const atResume = await failing({ resume: true });
    expect(atResume).toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringContaining('Make room'),
    });

    await rm(filler);
    await run({ resume: true });
    expect(await weights()).toEqual(expectedWeights);
    expect(await metrics()).toEqual(expectedMetrics);
  });

  it('tidies up what a kill has left half written, and nothing else', async () => {
    await failing(stoppingAfter(3));
    const hex = '0123456789abcdef';
    await mkdir(join(folder, 'checkpoints', `.00000004.${hex}.tmp`));
    await writeFile(join(folder, 'checkpoints', `.00000004.${hex}.tmp`, 'state.json'), '{');
    const theirs = [
      'best.safetensors.20261231',
      'metrics.jsonl.2948211843',
      'report.md.2',
      `.notes.${hex}.tmp`,
    ];
    for (const name of [...theirs, `.metrics.jsonl.${hex}.tmp`, `.best.safetensors.${hex}.tmp`])
      await writeFile(join(folder, name), '');
    await run({ resume: true });
    expect((await readdir(folder)).sort()).toEqual(
      [
        ...theirs,
        ...[
          'best.safetensors',
          'checkpoints',
          'curves.svg',
          'metrics.jsonl',
          'model.safetensors',
          'report.md',
        ],
      ].sort(),
    );
    expect(await checkpoints()).toEqual(['00000006', '00000008']);
  });

  it('refuses files of a run’s names that no run has left, also to resume, and changes nothing', async () => {
    for (const name of ['report.md', 'best.safetensors', 'metrics.jsonl']) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), 'theirs');
      for (const resume of [false, true]) {
        expect(await failing({ resume })).toMatchObject({
          code: 'OPTION_INVALID',
          message: expect.stringContaining(`${join(folder, name)} is there already`),
        });
      }
      expect(await readFile(join(folder, name), 'utf8')).toBe('theirs');
      expect(await readdir(folder)).toEqual([name]);
      await rm(folder, { recursive: true });
    }
  });

  it('goes on, if it is asked to, where a run was killed before its first checkpoint', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'metrics.jsonl'), '{"kind":"train","iteration":2}\n{"ki');
    await writeFile(join(folder, 'report.md'), '# resnet20');
    expect(await failing()).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('Resume'),
    });
    await run({ resume: true });
    expect(await checkpoints()).toEqual(['00000006', '00000008']);
  });

  it('ends where another run has taken over its folder, and leaves that what is there', async () => {
    const error = await failing({
      onProgress: async ({ iteration }) => {
        if (iteration !== 1) return;
        for (const name of await readdir(folder))
          if (name.startsWith('.run.lock-')) await rm(join(folder, name));
      },
    });
    expect(error).toMatchObject({ code: 'RUN_BUSY', message: expect.stringContaining('has taken over') });
    expect(await readdir(folder)).toEqual(['metrics.jsonl']);
  });

  it('refuses a link in the place of its checkpoints, and touches nothing where it leads', async () => {
    const theirs = join(folder, '..', 'theirs');
    for (const name of ['00000001', '.00000002.tmp']) {
      await mkdir(join(theirs, name), { recursive: true });
      await writeFile(join(theirs, name, 'state.json'), 'theirs');
    }
    await mkdir(folder);
    await symlink(theirs, join(folder, 'checkpoints'));
    for (const resume of [false, true]) {
      expect(await failing({ resume })).toMatchObject({
        code: 'OPTION_INVALID',
        message: expect.stringContaining('found a link'),
      });
    }
    expect((await readdir(theirs, { recursive: true })).sort()).toEqual(
      ['.00000002.tmp', '.00000002.tmp/state.json', '00000001', '00000001/state.json'].sort(),
    );
  });

  it('refuses data that do not suit the network, and leaves nothing behind', async () => {
    for (const network of [
      cifarResNet(8, { classes: 1, inChannels: 1 }),
      cifarResNet(8, { classes: 2, inChannels: 3 }),
    ]) {
      const { classes, inChannels } = network.architecture;
      expect(await failing({ network })).toMatchObject({
        code: 'SHAPE_MISMATCH',
        message: expect.stringContaining(
          `resnet8-cifar tells ${classes} classes apart in images of ${inChannels} channels; 'stripes' has 2 ` +
            'classes in 1 channels.',
        ),
      });
      expect(await readdir(join(folder, '..'))).toEqual([]);
    }
  });

  it('says that a file stands where the folder should', async () => {
    await writeFile(folder, '');
    const error = await failing();
    expect(ResnetError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});
