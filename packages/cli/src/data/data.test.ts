import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tarShards } from '@resnet/data/node';
import { temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.js';
import { runResnet, TextStream } from '../test-support.js';
import { drawSheet } from './draw-sheet.js';

const parquet = fileURLToPath(new URL('../../../data/fixtures/cifar10-huggingface.parquet', import.meta.url));
let folder: string;
let remove: () => Promise<void>;
/** Folders of two classes, one named by a WordNet id. */
let images: string;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  images = join(folder, 'images');
  const files = { 'n01440764/1.png': [20, 30], 'n01440764/2.png': [40, 10], 'pets & <cats>/1.png': [30, 50] };
  for (const [name, [height, width]] of Object.entries(files)) {
    await mkdir(dirname(join(images, name)), { recursive: true });
    await sharp({ create: { height: height!, width: width!, channels: 3, background: '#336699' } }).toFile(
      join(images, name),
    );
  }
});
afterAll(() => remove());

describe('resnet data', () => {
  it.each(['stats', 'show', 'shard'])('%s explains its options and gives examples', async (command) => {
    const { code, stdout } = await runResnet('data', command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: resnet data ${command}`);
    for (const option of ['--dataset', '--part', '--label', '--json']) expect(stdout).toContain(option);
    expect(stdout.match(/^ {2}\$ resnet data /gm)!.length).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['stats', ['--dataset', 'cifar'], 2, 'UNKNOWN_NAME', "Did you mean 'cifar10'?"],
    ['stats', ['--label', 'x'], 2, 'OPTION_INVALID', 'label'],
    ['stats', ['--part', 'none'], 1, 'DATA_MISSING', 'none'],
    ['show', ['--transform', 'cifer'], 2, 'UNKNOWN_NAME', "Did you mean 'cifar'?"],
    ['show', ['--count', '0'], 2, 'OPTION_INVALID', '--count'],
    ['show', ['--count', '101'], 2, 'OPTION_INVALID', 'at most 100'],
  ] as const)('%s %s: exit code %i, %s', async (command, options, exitCode, errorCode, message) => {
    const { code, stdout, stderr } = await runResnet('data', command, images, ...options, '--json');
    expect(code).toBe(exitCode);
    expect(stderr).toContain(`error ${errorCode}: `);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: errorCode, message: expect.stringContaining(message) },
    });
  });
});

describe('resnet data stats', () => {
  it('tells what a folder of images holds', async () => {
    const { code, stdout, stderr } = await runResnet('data', 'stats', images);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        `source     ${images}`,
        'images     3 images, 2 classes',
        'a class    from 1 to 2',
        'most       tench (n01440764) 2, pets & <cats> 1',
        'fewest     pets & <cats> 1, tench (n01440764) 2',
        'height     20 to 40, median 30',
        'width      10 to 50, median 30',
        'mean       0.2000, 0.4000, 0.6000',
        'deviation  0.0000, 0.0000, 0.0000',
        'left out   nothing',
        'broken     none',
        '',
      ].join('\n'),
    );
  });

  it('counts and names what is left out', async () => {
    const others = ['.DS_Store', 'notes.txt', 'n01440764/1.heic', 'n01440764/2.heic'];
    for (const name of others) await writeFile(join(images, name), 'no image');
    try {
      const { stdout } = await runResnet('data', 'stats', images);
      expect(stdout).toContain(
        "\nleft out   1 hidden (.DS_Store), 1 beside the classes' folders (notes.txt), " +
          '2 ending in .heic (n01440764/1.heic, n01440764/2.heic)\n',
      );
      const outcome = await runResnet('data', 'stats', images, '--json');
      expect(JSON.parse(outcome.stdout).leftOut.map(({ count }: { count: number }) => count)).toEqual([
        1, 1, 2,
      ]);
    } finally {
      for (const name of others) await rm(join(images, name));
    }
  });

  it('names broken files, and all classes as JSON', async () => {
    const broken = join(images, 'n01440764', '3.png');
    await writeFile(broken, 'no image');
    try {
      const { stdout } = await runResnet('data', 'stats', images);
      expect(stdout).toContain('broken     1 of 4\n');
      expect(stdout).toContain(`image 2: '${broken}'`);
      const outcome = await runResnet('data', 'stats', images, '--json');
      expect(outcome.code).toBe(0);
      expect(JSON.parse(outcome.stdout)).toMatchObject({
        source: images,
        count: 4,
        classes: [
          { name: 'n01440764', names: ['tench', 'Tinca tinca'], count: 3 },
          { name: 'pets & <cats>', count: 1 },
        ],
        height: { min: 20, median: 30, max: 40 },
        broken: [{ index: 2, code: 'IMAGE_INVALID', message: expect.stringContaining(broken) }],
      });
    } finally {
      await rm(broken);
    }
  });

  it('reads Parquet files, with a bar on a terminal', async () => {
    const [stdout, stderr] = [new TextStream(), new TextStream()];
    stdout.isTTY = true;
    const code = await run(['data', 'stats', parquet], { stdout, stderr });
    expect(code).toBe(0);
    expect(stdout.text).toContain('250/250');
    expect(stdout.text).toContain('images     250 images, 10 classes\na class    25\n');
  });

  it('stops when interrupted', async () => {
    const interruption = new AbortController();
    const [stdout, stderr] = [new TextStream(), new TextStream()];
    stdout.isTTY = true;
    stdout.onText = () => interruption.abort();
    const code = await run(['data', 'stats', parquet], { stdout, stderr, signal: interruption.signal });
    expect(code).toBe(130);
    expect(stderr.text).toContain('error ABORTED: ');
  });
});

describe('resnet data show', () => {
  it('draws images and their versions by seed, a row each', async () => {
    const out = join(folder, 'sheets', 'sheet.png');
    const show = (...options: string[]) =>
      runResnet('data', 'show', images, '--transform', 'cifar', '--out', out, ...options);
    const { code, stdout, stderr } = await show();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('3 images, each with 7 versions by cifar, seed 0');
    const first = await readFile(out);
    expect(await sharp(first).metadata()).toMatchObject({ format: 'png', width: 1352, height: 578 });
    await show('--force');
    expect(await readFile(out)).toEqual(first);
    const { stdout: json } = await show('--seed', '1', '--count', '2', '--json', '--force');
    expect(await readFile(out)).not.toEqual(first);
    const report = JSON.parse(json);
    expect(report).toMatchObject({ source: images, transform: 'cifar', seed: 1, out });
    expect(report.images).toHaveLength(2);
  });

  it('draws images alone, eight a row', async () => {
    const out = join(folder, 'alone.png');
    const { code } = await runResnet('data', 'show', parquet, '--count', '9', '--out', out);
    expect(code).toBe(0);
    expect(await sharp(out).metadata()).toMatchObject({ width: 1352, height: 388 });
  });

  it('leaves no sheet behind where an image is broken', async () => {
    const top = join(folder, 'broken');
    await mkdir(join(top, 'a'), { recursive: true });
    await writeFile(join(top, 'a', '1.png'), 'no image');
    const out = join(folder, 'none.png');
    const { code, stderr } = await runResnet('data', 'show', top, '--out', out);
    expect(code).toBe(1);
    expect(stderr).toContain('error IMAGE_INVALID: ');
    expect(existsSync(out)).toBe(false);
  });
});

describe('sets with objects', () => {
  const xml = (objects: string) =>
    `<annotation><size><width>60</width><height>40</height></size>${objects}</annotation>`;
  const object = (name: string, box: readonly number[]) =>
    `<object><name>${name}</name><bndbox><xmin>${box[0]}</xmin><ymin>${box[1]}</ymin><xmax>${box[2]}</xmax>` +
    `<ymax>${box[3]}</ymax></bndbox></object>`;
  let cells: string;
  beforeAll(async () => {
    cells = join(folder, 'cells');
    const files = {
      'Annotations/a.xml': xml(object('&lt;red>', [11, 11, 30, 30]) + object('dot', [1, 1, 1, 1])),
      'Annotations/b.xml': xml(''),
      'ImageSets/Main/train.txt': 'a\nb\n',
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(cells, name)), { recursive: true });
      await writeFile(join(cells, name), content);
    }
    await mkdir(join(cells, 'JPEGImages'));
    for (const name of ['a', 'b']) {
      await sharp({ create: { height: 40, width: 60, channels: 3, background: '#336699' } }).toFile(
        join(cells, 'JPEGImages', `${name}.png`),
      );
    }
  });

  it('stats counts objects, and names boxes that were left out', async () => {
    const { code, stdout, stderr } = await runResnet('data', 'stats', cells);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        `source      ${cells}`,
        `data        ${cells} train`,
        'images      2 images, 1 of them without objects',
        'objects     1 object of 2 classes',
        'an image    0 to 1, median 0',
        'a class     from 0 to 1',
        'most        <red> 1, dot 0',
        'fewest      dot 0, <red> 1',
        'box height  20 to 20, median 20',
        'box width   20 to 20, median 20',
        'by area     1 small (below 32²), 0 medium, 0 large (from 96²)',
        'repaired    1 of size zero or less, left out (a.xml object 2 ("dot") [1 1 1 1])',
        'height      40 to 40, median 40',
        'width       60 to 60, median 60',
        'mean        0.2000, 0.4000, 0.6000',
        'deviation   0.0000, 0.0000, 0.0000',
        'left out    nothing',
        'broken      none',
        '',
      ].join('\n'),
    );
    const outcome = await runResnet('data', 'stats', cells, '--dataset', 'voc', '--part', 'train', '--json');
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      count: 2,
      classes: [
        { name: '<red>', count: 1, images: 1 },
        { name: 'dot', count: 0, images: 0 },
      ],
      objects: { count: 1, withoutObjects: 1, small: 1 },
      repaired: [{ count: 1 }],
    });
  });

  it('show draws the boxes over the images', async () => {
    const out = join(folder, 'cells.png');
    const { code, stdout, stderr } = await runResnet('data', 'show', cells, '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('2 images with 1 object, seed 0');
    const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    // Each image is scaled from 60 to 440 pixels, so the box is from 73 to 220.
    const isBlue = (x: number, y: number) => {
      const at = (y * info.width + x) * info.channels;
      return data[at] === 0x33 && data[at + 1] === 0x66 && data[at + 2] === 0x99;
    };
    const drawn = [8, 456].filter((left) => !isBlue(left + 74, 8 + 150));
    expect(drawn).toHaveLength(1);
    const [left] = drawn as [number];
    for (const [x, y] of [
      [74, 150],
      [219, 150],
      [150, 219],
      [80, 80],
    ] as const) {
      expect(isBlue(left + x, 8 + y), `${x}, ${y}`).toBe(false);
    }
    for (const [x, y] of [
      [70, 150],
      [224, 150],
      [150, 224],
      [150, 150],
    ] as const) {
      expect(isBlue(left + x, 8 + y), `${x}, ${y}`).toBe(true);
    }
    const report = JSON.parse(
      (await runResnet('data', 'show', cells, '--out', out, '--force', '--json')).stdout,
    );
    expect(report.images).toContainEqual({
      index: 0,
      name: 'a',
      objects: [{ class: '<red>', box: [10, 10, 30, 30] }],
    });
  });

  it.each([
    ['stats', ['--label', 'x'], 2, 'OPTION_INVALID'],
    ['stats', ['--part', 'tran'], 2, 'UNKNOWN_NAME'],
    ['show', ['--transform', 'cifar'], 2, 'OPTION_INVALID'],
  ] as const)('%s %s: exit code %i, %s', async (command, options, exitCode, errorCode) => {
    const out = command === 'show' ? ['--out', join(folder, 'other.png')] : [];
    const { code, stderr } = await runResnet('data', command, cells, ...options, ...out);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(`error ${errorCode}: `);
  });
});

describe('drawSheet', () => {
  it('puts images into the middle of their tiles, whatever their shape and label', async () => {
    const image = (height: number, width: number, channels: number) => ({
      pixels: new Uint8Array(height * width * channels).fill(60),
      height,
      width,
      channels,
    });
    const label = `\u0000\ud800 ]]> & <b> ${'long '.repeat(100)}`;
    const images = [image(2, 4, 3), image(400, 10, 1)];
    const sheet = await drawSheet([{ label, images }]);
    const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true });
    const at = (row: number, column: number) => data[(row * info.width + column) * info.channels];
    expect([at(8 + 80, 8), at(8 + 80, 167), at(8 + 30, 80)]).toEqual([60, 60, 255]);
    expect([at(8, 168 + 8 + 80), at(8 + 159, 168 + 8 + 80), at(8, 168 + 8)]).toEqual([60, 60, 255]);
  });
});

describe('resnet data shard', () => {
  it('writes shards that hold every image, once', async () => {
    const out = join(folder, 'shards');
    const { code, stdout, stderr } = await runResnet(
      'data',
      'shard',
      images,
      '--out',
      out,
      '--images-per-shard',
      '2',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${out}: 2 shards and index.json`);
    const shards = await tarShards(out);
    expect(shards).toMatchObject({ count: 3, classes: ['n01440764', 'pets & <cats>'] });
    const again = await runResnet('data', 'shard', images, '--out', out, '--json');
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout).error.message).toContain('already holds');
  });

  it('wants a folder to write to', async () => {
    const { code, stderr } = await runResnet('data', 'shard', images);
    expect(code).toBe(2);
    expect(stderr).toContain('--out');
  });
});
