import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { create } from '@resnet/zoo';
import { saveModel } from '@resnet/zoo/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realWeights, runResnet, temporaryFolder } from '../test-support.js';

const normalization = { mean: Float32Array.of(0.5), std: Float32Array.of(0.5) };
let folder: string;
let remove: () => Promise<void>;
let image: string;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  image = join(folder, 'image.png');
  await sharp({ create: { width: 60, height: 40, channels: 3, background: '#3060c0' } }).toFile(image);
  const backend = await useBackend('cpu');
  const [named, nameless, colour] = [
    create('resnet20', { inChannels: 1, classes: 3 }),
    create('resnet20', { inChannels: 1, classes: 12 }),
    create('resnet20'),
  ];
  const at = (name: string) => join(folder, `${name}.safetensors`);
  await saveModel(at('named'), { network: named, normalization, classNames: ['one', 'two', 'three'] });
  await saveModel(at('nameless'), { network: nameless, normalization });
  await saveModel(at('colour'), { network: colour });
  for (const network of [named, nameless, colour]) network.dispose();
  backend.dispose();
});
afterAll(() => remove());

const predict = (weights: string, ...options: string[]) =>
  runResnet(
    'predict',
    image,
    '--weights',
    join(folder, `${weights}.safetensors`),
    '--threads',
    '1',
    ...options,
  );

describe('resnet predict', () => {
  it('shows the classes by the names that the weights bring', async () => {
    const { code, stdout, stderr } = await predict('named');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [path, ...lines] = stdout.trimEnd().split('\n');
    expect(path).toBe(image);
    expect(lines.map((line) => line.trim().split(' ')[0]).sort()).toEqual(['one', 'three', 'two']);
    for (const line of lines) expect(line).toMatch(/^ {2}\w+ +\d+\.\d\d %$/);
  });

  it('numbers classes that have no names, and gives as many as were asked for, as JSON', async () => {
    const { code, stdout } = await predict('nameless', '--top', '2', '--json');
    expect(code).toBe(0);
    const { images } = JSON.parse(stdout);
    expect(images).toHaveLength(1);
    const [{ path, classes }] = images;
    expect(path).toBe(image);
    expect(classes).toHaveLength(2);
    expect(classes[0].name).toBe(`class ${classes[0].index}`);
    expect(classes[0].probability).toBeGreaterThanOrEqual(classes[1].probability);
  });

  it('calls the ten classes of a colour CIFAR network by their names', async () => {
    const { stdout } = await predict('colour', '--mean', '0.5,0.5,0.5', '--std', '1,1,1', '--top', '10');
    for (const name of ['airplane', 'frog', 'truck']) expect(stdout).toContain(`  ${name} `);
  });

  it('fails on what is no image', async () => {
    const text = join(folder, 'text.png');
    await writeFile(text, 'no image');
    const weights = join(folder, 'named.safetensors');
    for (const [path, code] of [
      [text, 'IMAGE_INVALID'],
      [join(folder, 'none.png'), 'FILE_UNREADABLE'],
    ] as const) {
      const outcome = await runResnet('predict', path, '--weights', weights);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toContain(`error ${code}: `);
    }
  });

  const real = realWeights();
  const reason = 'missing' in real ? ` (skipped: ${real.missing})` : '';

  it.skipIf('missing' in real)(`takes published PyTorch weights${reason}`, async () => {
    const { path } = real as { path: string };
    const { code, stdout } = await runResnet('predict', image, image, '--weights', path, '--json');
    expect(code).toBe(0);
    const { images, architecture } = JSON.parse(stdout);
    expect(architecture.name).toBe('resnet20');
    expect(images[0].classes).toHaveLength(5);
    expect(images[1]).toEqual(images[0]);
  });
});
