import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { temporaryFolder } from '@resnet/testing';
import { create, type NetworkOptions } from '@resnet/zoo';
import { loadModel, saveModel } from '@resnet/zoo/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet } from './test-support.js';

let folder: string;
let remove: () => Promise<void>;
let photos: string;
/** Photographs whose borders differ much from their middles, larger than any network here takes. */
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  photos = join(folder, 'photos');
  for (const part of ['train', 'val']) {
    for (const [name, inner, outer] of [
      ['sea', '#1060c0', '#e0f0ff'],
      ['wood', '#205010', '#f0a010'],
    ]) {
      const file = join(photos, part, name!, '1.png');
      await mkdir(dirname(file), { recursive: true });
      const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="270"><rect width="320" height="270" fill="${outer}"/>
        <circle cx="130" cy="150" r="95" fill="${inner}"/></svg>`;
      await sharp(Buffer.from(drawing)).png().toFile(file);
    }
  }
});
afterAll(() => remove());

async function json(...argv: string[]) {
  const { code, stdout, stderr } = await runResnet(...argv, '--json');
  expect({ code, stderr: stderr.match(/^error .*/m)?.[0] }).toEqual({ code: 0, stderr: undefined });
  return JSON.parse(stdout);
}

const train = (name: string, network: string, ...options: string[]) => [
  ...['train', network, '--dataset', 'folder', '--data', photos, '--out', folder, '--name', name],
  ...['--iterations', '1', '--batch-size', '2', '--threads', '1', ...options],
];

const test = (weights: string, ...options: string[]) =>
  json('eval', '--weights', weights, '--dataset', 'folder', '--data', photos, ...options);

/** The loss over the images of `val`, by what predict says of each. */
async function lossByPredict(weights: string, ...options: string[]): Promise<number> {
  const { images } = await json('predict', join(photos, 'val'), '--weights', weights, ...options);
  const losses = images.map(({ path, classes }: Awaited<ReturnType<typeof json>>) => {
    const right = path.includes('sea') ? 0 : 1;
    return -Math.log(classes.find(({ index }: { index: number }) => index === right).probability);
  });
  expect(losses).toHaveLength(2);
  return (losses[0] + losses[1]) / 2;
}

/** Weights as training on images in memory leaves them: with a mean for each pixel. */
async function saveOwn(
  name: string,
  network: string,
  side: number,
  options: NetworkOptions = {},
): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  const backend = await useBackend('cpu');
  const made = create(network, { classes: 3, seed: 2, ...options });
  const mean = Float32Array.from({ length: side * side * 3 }, (_, place) => (place % 100) / 200);
  await saveModel(path, {
    network: made,
    normalization: { mean, std: Float32Array.of(1, 1, 1) },
    classNames: ['a', 'b', 'c'],
  });
  made.dispose();
  backend.dispose();
  return path;
}

describe('the size of images', () => {
  it.each([
    ['small', 'resnet20', [], 32, 'scaledCenterCrop({"shorterSide":32,"size":32})'],
    ['sized', 'resnet20', ['--size', '48'], 48, 'scaledCenterCrop({"shorterSide":48,"size":48})'],
    ['large', 'resnet18', ['--size', '64'], 64, 'scaledCenterCrop({"shorterSide":73,"size":64})'],
  ])(
    'is the same in training, its tests, eval, predict and the file: %s',
    async (name, network, options, size, view) => {
      const { stdout } = await runResnet(...train(name, network, ...options));
      expect(stdout).toContain(`images of ${size} × ${size} × 3`);
      const loss = Number(stdout.match(/^1 of 1 {2}test {3}loss (\S+),/m)![1]);
      const weights = join(folder, name, 'model.safetensors');
      const evaluation = await test(weights);
      expect(evaluation.view).toBe(`single view, ${view}`);
      expect(evaluation.loss).toBeCloseTo(loss, 3);
      expect(await lossByPredict(weights)).toBeCloseTo(evaluation.loss, 4);
      const backend = await useBackend('cpu');
      const model = await loadModel(weights);
      expect(model.network.inputShape).toEqual([size, size, 3]);
      model.network.dispose();
      backend.dispose();
    },
  );

  it('may be another in tests and predictions, if it is asked for', async () => {
    await runResnet(...train('any', 'resnet20'));
    const weights = join(folder, 'any', 'model.safetensors');
    const evaluation = await test(weights, '--size', '40');
    expect(evaluation.view).toBe('single view, scaledCenterCrop({"shorterSide":40,"size":40})');
    expect(await lossByPredict(weights, '--size', '40')).toBeCloseTo(evaluation.loss, 4);
    expect(evaluation.loss).not.toBeCloseTo((await test(weights)).loss, 3);
    const converted = join(folder, 'converted.safetensors');
    await json('convert', weights, converted, '--size', '40');
    expect(await lossByPredict(converted)).toBeCloseTo(evaluation.loss, 4);
  });

  it('lets a network with a mean for each pixel be trained on, on images of any size', async () => {
    const own = await saveOwn('own', 'resnet20', 32);
    const { stdout, stderr, code } = await runResnet(
      ...train('tuned', 'resnet20', '--weights', own, '--recipe', 'finetune'),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('images of 32 × 32 × 3, 2 classes');
    const weights = join(folder, 'tuned', 'model.safetensors');
    expect(await lossByPredict(weights)).toBeCloseTo((await test(weights)).loss, 4);
  });

  it('that a mean for each pixel does not fit is refused early, with what to do', async () => {
    const own = await saveOwn('other', 'resnet18', 32);
    const refusal =
      /^error SHAPE_MISMATCH: resnet18 takes images of 224 × 224 × 3, .* 32 × 32\. .*--size 32.*--mean/m;
    for (const argv of [
      train('refused', 'resnet18', '--weights', own),
      ['eval', '--weights', own, '--dataset', 'folder', '--data', photos],
      ['predict', join(photos, 'val'), '--weights', own],
      ['convert', own, join(folder, 'refused.onnx')],
    ]) {
      const { code, stdout, stderr } = await runResnet(...argv);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(refusal);
    }
    await json('predict', join(photos, 'val'), '--weights', own, '--size', '32');
    // The folder of a run that could not start is in nobody's way.
    const { code } = await runResnet(...train('refused', 'resnet18', '--weights', own, '--size', '32'));
    expect(code).toBe(0);
  });

  it('is that of images in memory for a new network, or what they are scaled to', async () => {
    const digits = (network: string, ...options: string[]) =>
      runResnet(
        ...['train', network, '--dataset', 'digits', '--iterations', '1', '--batch-size', '2'],
        ...['--hold-out', '20', '--threads', '1', ...options],
      );
    await writeFile(join(folder, 'no-folder'), '');
    // Told before anything is written or trained.
    const { stdout } = await digits('plain18', '--out', join(folder, 'no-folder'));
    expect(stdout).toContain('images of 32 × 32 × 1');
    const { stdout: scaled } = await digits('resnet20', '--size', '40', '--out', folder, '--name', 'scaled');
    expect(scaled).toContain('images of 40 × 40 × 1');
    // Color photographs become gray for a network of gray images.
    const weights = join(folder, 'scaled', 'model.safetensors');
    const tuned = await runResnet(...train('gray', 'resnet20', '--weights', weights));
    expect({ code: tuned.code, stderr: tuned.stderr }).toEqual({ code: 0, stderr: '' });
    const gray = join(folder, 'gray', 'model.safetensors');
    const evaluation = await test(gray);
    expect(evaluation.view).toBe(
      'single view, compose(scaledCenterCrop({"shorterSide":40,"size":40}), grayscale)',
    );
    expect(await lossByPredict(gray)).toBeCloseTo(evaluation.loss, 4);
  });
});

describe('training on a folder', () => {
  it('takes a recipe by the number of images and whether there are weights, and drops that scale', async () => {
    const run = (...options: string[]) =>
      json('train', 'resnet20', '--dataset', 'folder', '--data', photos, '--out', folder, ...options);
    const scratch = await run('--name', 'scratch', '--epochs', '1');
    expect(scratch.recipe).toMatchObject({
      name: 'from-scratch',
      batchSize: 32,
      learningRate: 0.0125,
      iterations: 1,
    });
    const tuned = await run(
      '--name',
      'tune',
      '--epochs',
      '2',
      '--weights',
      await saveOwn('start', 'resnet20', 32),
    );
    expect(tuned.recipe).toMatchObject({ name: 'finetune', iterations: 2 });
    const { recipe } = await run('--name', 'steps', '--recipe', 'imagenet-torchvision', '--iterations', '3');
    expect(recipe.schedule.milestones).toEqual([1, 2]);
  });

  it('says that drops never come', async () => {
    const { stdout } = await runResnet(...train('missed', 'resnet20', '--milestones', '1,20'));
    expect(stdout).toContain('the drops at 1 and 20 never come, as the run ends after 1 iterations');
  });

  it('refuses one class', async () => {
    const single = join(folder, 'single');
    for (const part of ['train', 'val']) {
      await mkdir(join(single, part), { recursive: true });
      await cp(join(photos, part, 'sea'), join(single, part, 'sea'), { recursive: true });
    }
    const { code, stderr } = await runResnet(
      ...[
        'train',
        'resnet20',
        '--dataset',
        'folder',
        '--data',
        single,
        '--out',
        folder,
        '--name',
        'single-run',
      ],
    );
    expect(code).toBe(1);
    expect(stderr).toContain("error DATA_INVALID: '");
    expect(stderr).toContain("must have at least two classes for a network to tell apart, found only 'sea'");
  });
});
