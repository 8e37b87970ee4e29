import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openExperiment } from './experiment-folder.js';

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
});
