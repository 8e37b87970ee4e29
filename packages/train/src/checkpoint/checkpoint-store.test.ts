import type * as FileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { StateDict } from '@resnet/blocks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from '../fit/training-state.js';
import { type Recipe, recipe } from '../recipe/recipe.js';
import { runSettings } from '../run/run-settings.js';
import { normalization, stripes } from '../test-support.js';
import { readCheckpoint, removeUnfinished, writeCheckpoint } from './checkpoint-store.js';

/** How many more operations on files there are before the process is as good as killed. */
const life = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));

/** Does `work`, or the half of it that the last moment is enough for; after that, nothing. */
const living = vi.hoisted(
  () =>
    async <T>(work: () => Promise<T>, half: () => Promise<unknown> = async () => {}) => {
      life.left--;
      if (life.left >= 0) return work();
      if (life.left === -1) await half();
      throw new Error('killed');
    },
);

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const { promisify } = await import('node:util');
  const fsync = (fd: number, done: (error: Error | null) => void) => {
    living(() => promisify(real.fsync)(fd)).then(() => done(null), done);
  };
  return { ...real, fsync };
});

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  const rm = (path: string, options: object) => living(() => real.rm(path, options));
  const open = (path: string, flags: string) =>
    living(async () => {
      const file = await real.open(path, flags);
      return {
        writeFile: (contents: string | Uint8Array) =>
          living(
            () => file.writeFile(contents),
            () => file.writeFile(contents.slice(0, contents.length / 2)),
          ),
        fd: file.fd,
        close: () => file.close(),
        stat: () => file.stat(),
        read: (bytes: Uint8Array, ...place: [number, number, number]) => file.read(bytes, ...place),
      };
    });
  return {
    ...real,
    rm,
    open,
    rmdir: (path: string) => living(() => real.rmdir(path)),
    mkdir: (path: string, options: object) => living(() => real.mkdir(path, options)),
    rename: (from: string, to: string) => living(() => real.rename(from, to)),
  };
});

const { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } =
  await vi.importActual<typeof FileSystem>('node:fs/promises');

const train = stripes(40);
const settings = runSettings({
  architecture: { name: 'resnet20', classes: 2, inChannels: 1 },
  recipe: recipe('digits'),
  ...{ train, test: train, normalization },
});

/** A checkpoint whose every number is `value`. */
function checkpoint(iteration: number, value: number): Checkpoint {
  const state = (name: string): StateDict =>
    new Map([[name, { dtype: 'float32', shape: [50], data: new Float32Array(50).fill(value) }]]);
  const window = { steps: 0, images: 0, errors: 0, loss: value };
  return {
    ...{ iteration, schedule: {} as Checkpoint['schedule'], learningRate: 0.1 },
    ...{ best: null, testsSinceBest: 0, testDue: true },
    window: { ...window, data: 0, forward: 0, backward: 0, update: 0 },
    ...{ network: state('fc.weight'), optimizer: state('fc.weight') },
  };
}

/** The iteration and the one number of the checkpoint that would be resumed from. */
async function resumedFrom(folder: string) {
  const found = await readCheckpoint(folder, settings);
  if (!found) return undefined;
  const numbers = [...found.network, ...found.optimizer].flatMap(([, { data }]) => [...data]);
  const [number] = new Set([...numbers, found.window.loss]);
  expect(new Set(numbers).size).toBe(1);
  return [found.iteration, number];
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet-checkpoints-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writeCheckpoint', () => {
  it.each([
    ['after the others', 18],
    ['in the place of one of the same iteration', 15],
  ])('leaves a whole checkpoint wherever it is killed: one %s', async (_, iteration) => {
    const before = join(folder, 'before');
    await writeCheckpoint(before, checkpoint(12, 1), settings);
    await writeCheckpoint(before, checkpoint(15, 2), settings);

    const outcomes: unknown[] = [];
    for (let operations = 0, isDone = false; !isDone; operations++) {
      const path = join(folder, String(operations));
      await cp(before, path, { recursive: true });
      life.left = operations;
      isDone = await writeCheckpoint(path, checkpoint(iteration, 3), settings).then(
        () => true,
        () => false,
      );
      life.left = Number.POSITIVE_INFINITY;

      const found = await resumedFrom(path);
      expect([
        [15, 2],
        [iteration, 3],
      ]).toContainEqual(found);
      outcomes.push(found![1]);
      // The next start tidies up, and comes to what an undisturbed run leaves.
      await removeUnfinished(path);
      await writeCheckpoint(path, checkpoint(iteration, 3), settings);
      await writeCheckpoint(path, checkpoint(21, 4), settings);
      expect(await readdir(path)).toEqual([`000000${iteration}`, '00000021']);
      expect(await resumedFrom(path)).toEqual([21, 4]);
    }
    expect(outcomes.length).toBeGreaterThan(15);
    expect(new Set(outcomes)).toEqual(new Set([2, 3]));
  });

  it('leaves alone what others have put beside and into old checkpoints', async () => {
    const theirs = join(folder, '..', `${basename(folder)}-theirs`);
    await mkdir(theirs);
    try {
      await writeFile(join(theirs, 'state.json'), 'theirs');
      await symlink(theirs, join(folder, '00000001'));
      await writeCheckpoint(folder, checkpoint(2, 1), settings);
      await writeFile(join(folder, '00000002', 'notes.txt'), 'theirs');
      await mkdir(join(folder, '.00000002.tmp'));
      await mkdir(join(folder, '.00000002.0123456789abcdef.tmp'));
      await writeFile(join(folder, '.00000002.0123456789abcdef.tmp', 'state.json'), '{');
      for (const iteration of [3, 4, 5]) await writeCheckpoint(folder, checkpoint(iteration, 1), settings);
      await removeUnfinished(folder);
      expect((await readdir(folder)).sort()).toEqual(
        ['.00000002.tmp', '00000001', '00000002', '00000004', '00000005'].sort(),
      );
      expect(await readdir(join(folder, '00000002'))).toEqual(['notes.txt']);
      expect(await readdir(theirs)).toEqual(['state.json']);
    } finally {
      await rm(theirs, { recursive: true });
    }
  });

  it('counts iterations as numbers', async () => {
    await writeCheckpoint(folder, checkpoint(99_999_999, 1), settings);
    await writeCheckpoint(folder, checkpoint(100_000_000, 2), settings);
    expect(await resumedFrom(folder)).toEqual([100_000_000, 2]);
  });
});

describe('readCheckpoint', () => {
  it('refuses one of other data or another normalization, with the differences', async () => {
    await writeCheckpoint(folder, checkpoint(3, 1), settings);
    const classes = Array.from({ length: 100 }, (_, index) => `class ${index}`);
    const other = runSettings({
      ...{ architecture: settings.architecture, recipe: settings.recipe },
      train: { name: 'dots', count: 50, classes },
      normalization: { mean: new Float32Array(3072), std: normalization.std },
    });
    await expect(readCheckpoint(folder, other)).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringMatching(
        new RegExp(
          [
            'Resume with its own settings, or train into another folder\\.',
            '  train.name: "stripes" there, "dots" here',
            '  train.count: 40 there, 50 here',
            '  train.classes: \\["across","down"\\] there, "100 of SHA-256 [0-9a-f]{16}" here',
            '  test.name: "stripes" there, none here',
            '  test.count: 40 there, none here',
            '  test.classes: \\["across","down"\\] there, none here',
            '  normalization.mean: \\[0\\.4\\d*\\] there, "3072 of SHA-256 [0-9a-f]{16}" here$',
          ].join('\n'),
        ),
      ),
    });
    const longer = { ...settings, recipe: { ...settings.recipe, iterations: 1000 } };
    expect(await readCheckpoint(folder, longer)).toMatchObject({ iteration: 3 });
  });

  it('goes on from one of before there was a setting', async () => {
    const { reestimateImages: _, ...recipe } = settings.recipe;
    await writeCheckpoint(folder, checkpoint(3, 1), { ...settings, recipe: recipe as Recipe });
    expect(await readCheckpoint(folder, settings)).toMatchObject({ iteration: 3 });
    const estimated = { ...settings, recipe: { ...settings.recipe, reestimateImages: 100 } };
    await expect(readCheckpoint(folder, estimated)).rejects.toThrow(
      'recipe.reestimateImages: 0 there, 100 here',
    );
  });
});
