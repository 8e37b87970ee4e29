import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { useBackend } from '@resnet/backend';
import { Random } from '@resnet/core';
import { CIFAR10_CLASSES, IMAGENET_CLASSES, parseCifar10 } from '@resnet/data';
import { decodeImageFile } from '@resnet/data/node';
import { gradCam, overlayHeat } from '@resnet/eval';
import { realCifar10, temporaryFolder } from '@resnet/testing';
import { create, preprocessor } from '@resnet/zoo';
import { loadModel, saveModel } from '@resnet/zoo/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realWeights, runResnet } from '../test-support.js';

const normalization = { mean: Float32Array.of(0.5), std: Float32Array.of(0.5) };
let folder: string;
let remove: () => Promise<void>;
let image: string;
let photos: string;
let circle: string;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  image = join(folder, 'image.png');
  circle = join(folder, 'circle.png');
  const drawing =
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="9" cy="9" r="8" fill="#fc4"/></svg>';
  await sharp(Buffer.from(drawing)).png().toFile(circle);
  await sharp({ create: { width: 60, height: 40, channels: 3, background: '#3060c0' } }).toFile(image);
  photos = join(folder, 'photos');
  for (const [name, background] of [
    ['a/24.png', '#402010'],
    ['b/24.png', '#c0d0e0'],
    ['b/24.jpg', '#104020'],
  ] as const) {
    await mkdir(dirname(join(photos, name)), { recursive: true });
    await sharp({ create: { width: 50, height: 40, channels: 3, background } }).toFile(join(photos, name));
  }
  await writeFile(join(photos, 'notes.txt'), 'no image');
  const backend = await useBackend('cpu');
  const [named, nameless, color, ids] = [
    create('resnet20', { inChannels: 1, classes: 3 }),
    create('resnet20', { inChannels: 1, classes: 12 }),
    create('resnet20'),
    create('resnet20', { inChannels: 1, classes: 3 }),
  ];
  const at = (name: string) => join(folder, `${name}.safetensors`);
  await saveModel(at('named'), { network: named, normalization, classNames: ['one', 'two', 'three'] });
  await saveModel(at('nameless'), { network: nameless, normalization });
  await saveModel(at('color'), { network: color });
  await saveModel(at('ids'), {
    network: ids,
    normalization,
    classNames: ['n03126707', 'n02012849', 'n01440764'],
  });
  for (const network of [named, nameless, color, ids]) network.dispose();
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

  it('calls the ten classes of a color CIFAR network by their names', async () => {
    const { stdout } = await predict('color', '--mean', '0.5,0.5,0.5', '--std', '1,1,1', '--top', '10');
    for (const name of ['airplane', 'frog', 'truck']) expect(stdout).toContain(`  ${name} `);
  });

  it('calls classes that are WordNet ids of ImageNet by its names', async () => {
    const { stdout } = await predict('ids');
    for (const name of ['tench (n01440764)', 'crane (n02012849)', 'crane (n03126707)']) {
      expect(stdout).toContain(`  ${name} `);
    }
    const { images } = JSON.parse((await predict('ids', '--json')).stdout);
    expect(images[0].classes).toContainEqual({
      index: 2,
      probability: expect.any(Number),
      name: 'n01440764',
      names: ['tench', 'Tinca tinca'],
    });
  });

  it('calls the classes of a network for ImageNet by their names, and shows where one is seen', async () => {
    const backend = await useBackend('cpu');
    const network = create('resnet18', { initialize: false });
    const weights = join(folder, 'imagenet.safetensors');
    await saveModel(weights, { network });
    network.dispose();
    backend.dispose();
    const out = join(folder, 'imagenet.png');
    const { code, stdout } = await runResnet(
      ...['predict', circle, '--weights', weights, '--threads', '1', '--top', '2'],
      ...['--cam', out, '--class', 'Tench'],
    );
    expect(code).toBe(0);
    const [, first, second, cam] = stdout.split('\n');
    const known = IMAGENET_CLASSES.map(({ id, names }) => `${names[0]} (${id})`);
    for (const line of [first, second]) expect(known).toContain(line!.slice(2).replace(/ +\d+\.\d\d %$/, ''));
    expect(cam).toMatch(/^ {2}Grad-CAM of tench \(n01440764\), \d+\.\d\d %: /);
    expect(cam).toContain(out);
    expect(await sharp(out).metadata()).toMatchObject({ width: 224, height: 224, channels: 3 });
    await rm(weights);
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

  /** What --cam is to draw, by the library. */
  async function drawn(weights: string, path: string, index?: number): Promise<Uint8Array> {
    const backend = await useBackend('wasm', { threads: 1 });
    const model = await loadModel(weights);
    const { network } = model;
    const seen = preprocessor(model)(await decodeImageFile(path), new Random(0));
    const found = await gradCam(network, seen, {
      normalization: model.normalization!,
      ...(index === undefined ? {} : { index }),
    });
    network.dispose();
    backend.dispose();
    return overlayHeat(seen, found).pixels;
  }

  async function expectDrawn(file: string, expected: Uint8Array) {
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    // As many threads add in another order.
    const largest = expected.reduce(
      (most, value, place) => Math.max(most, Math.abs(value - data[place]!)),
      0,
    );
    expect([data.length, largest <= 1]).toEqual([expected.length, true]);
  }

  it('draws where it sees the most probable class, or another', async () => {
    const weights = join(folder, 'named.safetensors');
    const out = join(folder, 'new', 'Circle.PNG');
    const run = (...options: string[]) => runResnet('predict', circle, '--weights', weights, ...options);
    const { code, stdout, stderr } = await run('--cam', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    const [name, probability] = lines[1]!.trim().split(/ {2,}/);
    expect(lines.at(-1)).toBe(`  Grad-CAM of ${name}, ${probability}: ${out}`);
    await expectDrawn(out, await drawn(weights, circle));
    for (const [chosen, index] of [
      ['two', 1],
      ['2', 2],
    ] as const) {
      const { stdout } = await run('--cam', out, '--force', '--class', chosen, '--json', '--top', '3');
      const [{ cam, classes }] = JSON.parse(stdout).images;
      const probability = expect.closeTo(
        classes.find((entry: { index: number }) => entry.index === index).probability,
        5,
      );
      expect(cam).toEqual({ index, probability, name: ['one', 'two', 'three'][index], out });
      await expectDrawn(out, await drawn(weights, circle, index));
    }
    expect(await readdir(join(folder, 'new'))).toEqual(['Circle.PNG']);
  });

  it('draws several images into a folder', async () => {
    const cams = join(folder, 'cams');
    const weights = join(folder, 'nameless.safetensors');
    const { stdout } = await runResnet(
      ...['predict', image, circle, '--weights', weights, '--cam', cams, '--class', '11', '--json'],
    );
    const { images } = JSON.parse(stdout);
    expect(images.map(({ cam }: { cam: { out: string; name: string } }) => [cam.out, cam.name])).toEqual([
      [join(cams, 'image.png'), 'class 11'],
      [join(cams, 'circle.png'), 'class 11'],
    ]);
    expect((await readdir(cams)).sort()).toEqual(['circle.png', 'image.png']);
    await expectDrawn(join(cams, 'circle.png'), await drawn(weights, circle, 11));
  });

  it('takes folders, and draws images of equal names into the folders in which they differ', async () => {
    const weights = join(folder, 'named.safetensors');
    const cams = join(folder, 'cams-of-folders');
    const paths = ['a/24.png', 'b/24.jpg', 'b/24.png'].map((name) => join(photos, name));
    const predicted = async (leftOut: string, ...argv: string[]) => {
      const { code, stdout, stderr } = await runResnet('predict', ...argv, '--weights', weights, '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: leftOut });
      return JSON.parse(stdout).images as { path: string; cam?: { out: string } }[];
    };
    const leftOut = 'left out: 1 ending in .txt (photos/notes.txt)\n';
    const all = await predicted(leftOut, photos, '--cam', cams);
    expect(all.map(({ path }) => path)).toEqual(paths);
    expect(all.map(({ cam }) => cam!.out)).toEqual(
      ['a/24.png.png', 'b/24.jpg.png', 'b/24.png.png'].map((name) => join(cams, name)),
    );
    for (const [place, { cam }] of all.entries()) {
      await expectDrawn(cam!.out, await drawn(weights, paths[place]!));
    }
    const given = await predicted('', join(photos, 'a'), paths[2]!, '--cam', cams);
    expect(given.map(({ cam }) => cam!.out)).toEqual([join(cams, 'a', '24.png'), join(cams, 'b', '24.png')]);

    await mkdir(join(folder, 'nothing'));
    const none = await runResnet('predict', join(folder, 'nothing'), '--weights', weights);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('error DATA_MISSING: ');
  });

  it.each([
    ['one picture for two images', 'named', ['IMAGE', 'CIRCLE', '--cam', 'x.png'], 'there are 2 images'],
    ['an image twice', 'named', ['IMAGE', 'CIRCLE', 'IMAGE', '--cam', 'cams'], 'image.png is given twice'],
    ['a folder for one picture', 'named', ['PHOTOS', '--cam', 'x.png'], 'there are 3 images'],
    ['a picture in the place of an image', 'named', ['IMAGE', '--cam', 'FOLDER'], 'would replace the image'],
    ['the image itself', 'named', ['IMAGE', '--cam', 'IMAGE'], 'would replace the image'],
    ['a class without a picture', 'named', ['IMAGE', '--class', 'one'], '--cam'],
    ['an unknown class', 'named', ['IMAGE', '--cam', 'x.png', '--class', 'thre'], "Did you mean 'three'?"],
    ['a number too high', 'named', ['IMAGE', '--cam', 'x.png', '--class', '3'], 'from 0 to 2; found'],
    ['a name without names', 'nameless', ['IMAGE', '--cam', 'x.png', '--class', 'a'], 'name no classes'],
    ['one of ImageNet that it has not', 'ids', ['IMAGE', '--cam', 'x.png', '--class', 'tabby'], 'n02123045'],
  ])('refuses %s', async (_, weights, argv, message) => {
    const paths: Record<string, string> = {
      IMAGE: image,
      CIRCLE: circle,
      FOLDER: folder,
      PHOTOS: photos,
    };
    const { code, stdout, stderr } = await runResnet(
      ...['predict', ...argv.map((text) => paths[text] ?? text)],
      ...['--weights', join(folder, `${weights}.safetensors`)],
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(existsSync('x.png')).toBe(false);
  });

  it('says that it cannot draw before it predicts', async () => {
    const occupied = join(folder, 'occupied');
    await writeFile(occupied, 'a file');
    const { code, stdout, stderr } = await predict('named', '--cam', join(occupied, 'x.png'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error FILE_UNWRITABLE: ');
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

  it('sees real images of CIFAR-10 as they are, and shows where', async (context) => {
    const data = await realCifar10();
    if ('missing' in data) return context.skip(data.missing);
    if ('missing' in real) return context.skip(real.missing);
    const source = join(data.folder, 'cifar-10-batches-bin', 'test_batch.bin');
    const batch = parseCifar10(new Uint8Array(await readFile(source)), source);
    const pictures = join(folder, 'cifar');
    await mkdir(pictures);
    const count = 20;
    const paths = Array.from({ length: count }, (_, index) => join(pictures, `${index}.png`));
    for (const [index, path] of paths.entries()) {
      const pixels = batch.images.subarray(index * 3072, (index + 1) * 3072);
      await sharp(pixels, { raw: { height: 32, width: 32, channels: 3 } }).toFile(path);
    }
    const cams = join(folder, 'cifar-cams');
    const { stdout } = await runResnet(
      'predict',
      ...paths,
      ...['--weights', real.path, '--cam', cams, '--json'],
    );
    const { images } = JSON.parse(stdout);
    let right = 0;
    for (const [index, { classes, cam }] of images.entries()) {
      if (classes[0].name === CIFAR10_CLASSES[batch.labels[index]!]) right++;
      expect(cam.name).toBe(classes[0].name);
      expect(cam.probability).toBeCloseTo(classes[0].probability, 4);
    }
    expect(right).toBeGreaterThanOrEqual(17);
    await expectDrawn(join(cams, '0.png'), await drawn(real.path, paths[0]!));
  });
});
