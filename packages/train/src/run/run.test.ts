import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResnetError } from '@resnet/core';
import { cifarResNet, create, readSafetensors } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import { describe, expect, it } from 'vitest';
import { normalization } from '../test-support.js';
import {
  checkpoints,
  failing,
  folder,
  metrics,
  run,
  short,
  stoppingAfter,
  train,
  useRunFolder,
  weights,
} from './testing.js';

useRunFolder();

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
});
