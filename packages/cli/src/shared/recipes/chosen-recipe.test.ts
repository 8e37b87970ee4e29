import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import { recipe } from '@resnet/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet } from '../../test-support.js';
import { changedRecipe, namedRecipe, type RecipeOptions } from './chosen-recipe.js';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterAll(() => remove());

/** Of 1,000 images. */
const chosen = async (options: RecipeOptions) =>
  changedRecipe((await namedRecipe(options)) ?? recipe('digits'), options, 1000);

describe('the recipe of a command line', () => {
  it('is the usual one, a named one, or a file, with changes', async () => {
    expect(await chosen({})).toEqual(recipe('digits'));
    const { code, stdout } = await runResnet('recipe', 'cifar10-fast');
    expect(code).toBe(0);
    const path = join(folder, 'mine.json');
    await writeFile(path, stdout);
    expect(await chosen({ recipe: path })).toEqual(recipe('cifar10-fast'));
    // As it was printed before there was such a setting.
    const { reestimateImages: _, ...older } = JSON.parse(stdout);
    await writeFile(path, JSON.stringify(older));
    expect(await chosen({ recipe: path })).toEqual(recipe('cifar10-fast'));

    const set = [
      'labelSmoothing=0.1',
      'rule=caffe',
      'schedule.factor=0.5',
      'warmup={"kind":"linear","iterations":5,"start":0}',
    ];
    expect(await chosen({ batchSize: 3, milestones: [1, 2], set })).toEqual({
      ...recipe('digits'),
      batchSize: 3,
      labelSmoothing: 0.1,
      rule: 'caffe',
      schedule: { kind: 'steps', milestones: [1, 2], factor: 0.5 },
      warmup: { kind: 'linear', iterations: 5, start: 0 },
    });
  });

  it('keeps its schedule when it is made longer or shorter', async () => {
    // Of 360 iterations, with drops at 240 and 320.
    for (const options of [{ iterations: 36 }, { epochs: 2, batchSize: 56 }, { epochs: 2.25 }]) {
      expect(await chosen(options)).toMatchObject({
        iterations: 36,
        schedule: { kind: 'steps', milestones: [24, 32], factor: 0.1 },
      });
    }
    expect(await chosen({ iterations: 36, milestones: [240] })).toMatchObject({
      schedule: { milestones: [240] },
    });
    expect(await chosen({ recipe: 'finetune', iterations: 20 })).toMatchObject({
      iterations: 20,
      schedule: { kind: 'cosine' },
      warmup: { kind: 'linear', iterations: 1, start: 0.1 },
    });
    await expect(chosen({ iterations: 36, epochs: 2 })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('--epochs and --iterations'),
    });
  });

  it.each([
    ['labelSmoothing', 'OPTION_INVALID', "KEY=VALUE, found 'labelSmoothing'"],
    ['labelSmothing=1', 'UNKNOWN_NAME', "Did you mean 'labelSmoothing'?"],
    ['name=mine', 'UNKNOWN_NAME', 'Unknown setting'],
    ['schedule.facter=1', 'UNKNOWN_NAME', "Did you mean 'schedule.factor'?"],
    ['warmup.start=1', 'UNKNOWN_NAME', 'Unknown setting'],
    ['labelSmoothing=2', 'OPTION_INVALID', 'labelSmoothing must be'],
    ['batchSize=many', 'OPTION_INVALID', 'batchSize must be an integer of at least 1, found many'],
    ['schedule={"kind":"steps"}', 'OPTION_INVALID', 'milestones must be integers'],
    ['schedule={"kind":"sometimes"}', 'OPTION_INVALID', 'known kind'],
    ['schedule=cosine', 'OPTION_INVALID', 'schedule must be'],
    ['warmup=5', 'OPTION_INVALID', 'warmup must be'],
    ['augmentation=much', 'OPTION_INVALID', 'augmentation must be one of'],
  ])('is refused with --set %s', async (assignment, code, message) => {
    await expect(chosen({ set: [assignment] })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('is refused from files that are none', async () => {
    const refused = (path: string) =>
      expect(chosen({ recipe: path })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await refused(join(folder, 'none.json'));
    for (const text of ['', 'null', '{}', '{"name": "x"}']) {
      await writeFile(join(folder, 'bad.json'), text);
      await refused(join(folder, 'bad.json'));
    }
  });
});

describe('resnet recipe', () => {
  it('lists all, prints one, and names the nearest', async () => {
    const { code, stdout } = await runResnet('recipe');
    expect(code).toBe(0);
    for (const name of ['cifar10-paper', 'imagenet-paper', 'finetune']) expect(stdout).toContain(name);
    expect(JSON.parse((await runResnet('recipe', '--json')).stdout).digits).toEqual(recipe('digits'));
    const unknown = await runResnet('recipe', 'cifar10-papr');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("Did you mean 'cifar10-paper'?");
  });
});
