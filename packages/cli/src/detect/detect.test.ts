import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runResnet } from '../test-support.js';

const { folder, remove } = await temporaryFolder();
afterAll(remove);
const data = join(folder, 'VOC2007');
const trained = join(folder, 'runs', 'small', 'model.safetensors');
const threads = ['--backend', 'wasm', '--threads', '1'];

/** A set in VOC's layout: a picture with a cup and one with nothing. */
beforeAll(async () => {
  for (const name of ['Annotations', 'ImageSets/Main', 'JPEGImages']) {
    mkdirSync(join(data, name), { recursive: true });
  }
  const cup =
    '<object><name>cup</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>40</xmax><ymax>40</ymax></bndbox></object>' +
    '<object><name>cup</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>8</xmax><ymax>40</ymax></bndbox></object>';
  for (const [id, objects] of [
    ['000001', cup],
    ['000002', ''],
  ] as const) {
    const size = '<size><width>64</width><height>48</height></size>';
    writeFileSync(join(data, 'Annotations', `${id}.xml`), `<annotation>${size}${objects}</annotation>`);
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: '#446688' } });
    await picture.jpeg().toFile(join(data, 'JPEGImages', `${id}.jpg`));
  }
  for (const part of ['train', 'test']) {
    writeFileSync(join(data, 'ImageSets/Main', `${part}.txt`), '000001\n000002\n');
  }
});

describe('resnet detect', () => {
  it('trains a detector, tests it, and draws what it finds', async () => {
    const size = ['--size', '64', '--anchors', '16,32,64', '--iterations', '2', '--batch-size', '2'];
    const out = ['--out', join(folder, 'runs'), '--name', 'small'];
    const train = await runResnet(
      'detect',
      'train',
      'resnet18-small',
      '--data',
      data,
      ...size,
      ...out,
      ...threads,
    );
    expect(train).toMatchObject({ code: 0, stderr: '' });
    expect(train.stdout).toMatch(/boxes\s+2 .*000001/);
    expect(train.stdout).toMatch(/mAP\s+\d/);

    const tested = await runResnet(
      'detect',
      'eval',
      '--weights',
      trained,
      '--data',
      data,
      '--json',
      ...threads,
    );
    expect(tested.code).toBe(0);
    expect(JSON.parse(tested.stdout)).toMatchObject({
      count: 2,
      classes: [{ name: 'cup', truths: 1 }],
      coco: { ap: expect.any(Number) },
    });
    const table = await runResnet('detect', 'eval', '--weights', trained, '--data', data, ...threads);
    expect(table.stdout).toMatch(/mAP by VOC[\s\S]*AP by COCO[\s\S]*cup/);

    const report = join(folder, 'report');
    const reported = ['detect', 'eval', '--weights', trained, '--data', data, '--report', report, ...threads];
    const written = await runResnet(...reported);
    expect(written.stdout).toContain(`\nwritten  ${join(report, 'index.html')}\n`);
    const page = readFileSync(join(report, 'index.html'), 'utf8');
    expect(page).toContain('Evaluation of resnet18, fpn, shorter side 64');
    expect(page).toMatch(/model\.safetensors, SHA-256 [0-9a-f]{16}[\s\S]*Mistakes by kind/);
    expect(page).toContain('<img src="data:image/jpeg;base64,');
    expect(await runResnet(...reported)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force'),
    });

    const half = join(folder, 'half.safetensors');
    expect(await runResnet('convert', trained, half, '--float16')).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(half).size).toBeLessThan(0.52 * statSync(trained).size);
    const refused = await runResnet('convert', trained, join(folder, 'whole.onnx'));
    expect(refused.stderr).toContain('detectors are written as .safetensors only');

    const twice = ['--weights', trained, half, '--refine', '--data', data, '--json', ...threads];
    const ensemble = await runResnet('detect', 'eval', ...twice);
    expect(JSON.parse(ensemble.stdout)).toMatchObject({ weights: [trained, half], count: 2 });

    const picture = join(data, 'JPEGImages', '000001.jpg');
    const drawn = join(folder, 'found.png');
    const given = ['detect', 'predict', picture, '--weights', trained, '--score', '0', '--out', drawn];
    const found = await runResnet(...given, '--json', ...threads);
    expect(found.code).toBe(0);
    const { images } = JSON.parse(found.stdout) as {
      images: { objects: { class: string; box: number[] }[] }[];
    };
    for (const object of images[0]!.objects) expect(object).toMatchObject({ class: 'cup' });
    expect((await sharp(drawn).metadata()).format).toBe('png');
    expect(await runResnet(...given, ...threads)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force'),
    });
  });

  it('trains its networks one after the other, each from the weights of the one before', async () => {
    const train = async (name: string, ...more: string[]) => {
      const size = ['--size', '64', '--anchors', '16,32,64', '--iterations', '1', '--batch-size', '2'];
      const given = [...size, '--out', join(folder, 'runs'), '--name', name, ...more, ...threads];
      const run = await runResnet('detect', 'train', 'resnet20-small', '--data', data, ...given);
      expect(run.stderr).toBe('');
      return run.stdout;
    };
    const weights = (name: string) => join(folder, 'runs', name, 'model.safetensors');
    const first = await train('step1', '--learn', 'proposals', '--weights', '@resnet/weights-cifar10');
    expect(first).toMatch(/weights\s+\d+ tensors of @resnet\/weights-cifar10, .* the mean of each channel/);
    expect(first).toMatch(/recall\s+\d+\.\d+ % of the objects/);
    const cifar = ['--weights', '@resnet/weights-cifar10'];
    const second = await train('step2', '--learn', 'regions', '--proposals', weights('step1'), ...cifar);
    expect(second).toMatch(/learns\s+the region heads alone, from regions that .*step1/);
    const third = await train(
      'step3',
      ...['--learn', 'proposals', '--weights', weights('step2'), '--freeze', 'backbone'],
      ...['--set', 'examples.anchors.count=32'],
    );
    expect(third).toMatch(/weights\s+\d+ tensors of the detector/);
    expect(third).toMatch(/learns\s+the region proposal network alone; backbone/);
    const tested = ['--weights', weights('step3'), '--data', data, '--scales', '32,64', '--json', ...threads];
    expect(JSON.parse((await runResnet('detect', 'eval', ...tested)).stdout)).toMatchObject({ count: 2 });
  });

  it('takes a recipe as `resnet recipe` prints it', async () => {
    const { stdout } = await runResnet('recipe', 'detection-small');
    const file = join(folder, 'mine.json');
    writeFileSync(file, stdout.replace('"iterations": 2200', '"iterations": 1'));
    const size = ['--size', '64', '--anchors', '16,32,64', '--set', 'batchSize=1', '--json'];
    const given = [
      '--data',
      data,
      '--recipe',
      file,
      ...size,
      '--out',
      join(folder, 'runs'),
      '--name',
      'mine',
    ];
    const run = await runResnet('detect', 'train', 'resnet20-small', ...given, ...threads);
    expect(JSON.parse(run.stdout)).toMatchObject({ recipe: { iterations: 1, batchSize: 1 } });
    writeFileSync(file, '{"name":"mine"}');
    const broken = await runResnet('detect', 'train', 'resnet20-small', ...given, ...threads);
    expect(broken.stderr).toContain('error OPTION_INVALID');
  });

  it.each([
    ['scales of text', ['eval', '--data', data, '--weights', trained, '--scales', 'a'], 'OPTION_INVALID'],
    ['settings that are none', ['train', '--data', data, '--set', 'examples.none=1'], 'UNKNOWN_NAME'],
    ['numbers that make no sense', ['train', '--data', data, '--set', 'examples.beta=-1'], 'OPTION_INVALID'],
    ['a proposer where all learns', ['train', '--data', data, '--proposals', trained], 'OPTION_INVALID'],
    ['a detector that is none', ['train', 'resnet99-fpn', '--data', data], 'OPTION_INVALID'],
    ['anchors of text', ['train', '--data', data, '--anchors', 'a,b'], 'OPTION_INVALID'],
    ['a set that is none', ['train', '--data', join(data, 'JPEGImages')], 'DATA_INVALID'],
    ['a recipe that is none', ['train', '--data', data, '--recipe', 'quick'], 'UNKNOWN_NAME'],
    ['weights that are not there', ['eval', '--data', data, '--weights', 'none.pth'], 'FILE_UNREADABLE'],
  ])('refuses %s', async (_, argv, code) => {
    const { code: exit, stderr } = await runResnet('detect', ...argv, ...threads);
    expect(stderr).toContain(`error ${code}`);
    expect(exit).toBeGreaterThan(0);
  });
});
