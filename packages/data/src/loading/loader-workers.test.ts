import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Random } from '@resnet/core';
import { coded, madeSet, temporaryFolder } from '@resnet/testing';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { imageFolder } from '../folders/image-folder.js';
import { decodeImage } from '../images/decode-image.node.js';
import type { Dataset, StreamedDataset } from '../sets/dataset.js';
import type { ImageSet } from '../sets/image-set.js';
import { cifarAugmentation } from '../transforms/augmentations.js';
import { randAugment } from '../transforms/automatic.js';
import { colorJitter } from '../transforms/color.js';
import { colorShift } from '../transforms/color-shift.js';
import { horizontalFlip } from '../transforms/flip.js';
import { cutmix, mixup, oneOf } from '../transforms/mixing.js';
import { randomErasing } from '../transforms/random-erasing.js';
import { importTransform } from '../transforms/remake.js';
import { randomResizedCrop } from '../transforms/resize.js';
import { compose } from '../transforms/transform.js';
import type { Batch } from './batch.js';
import { type Loader, type LoaderOptions, loader } from './loader.js';

// What is seen of a worker from outside: that it changes nothing but the time, whatever happens to it.

let folder: string;
let images: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder());
  images = join(folder, 'images');
  const random = new Random(3);
  for (let index = 0; index < 13; index++) {
    const [width, height] = [20 + random.int(20), 20 + random.int(20)];
    const path = join(images, `class${index % 3}`, `${index}.jpg`);
    await mkdir(dirname(path), { recursive: true });
    const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.int(256));
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toFile(path);
  }
});
afterAll(() => remove());

const open: Loader[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function batchesOf(
  set: ImageSet | Dataset | StreamedDataset,
  options: LoaderOptions,
  epoch = 0,
  startBatch = 0,
): Promise<Batch[]> {
  const made = loader(set, options);
  open.push(made);
  const batches: Batch[] = [];
  for await (const batch of made.epoch(epoch, startBatch)) batches.push(batch);
  return batches;
}

/** A module that users might have written. */
async function written(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return pathToFileURL(path).href;
}

const everything = compose(
  randomResizedCrop(16),
  horizontalFlip(),
  colorJitter({ brightness: 0.5, hue: 0.1 }),
  randAugment(),
  colorShift(),
  randomErasing({ fill: 'noise' }),
);

describe('loader with workers', () => {
  it('gives the same pixels, labels and order for 0, 1, 2 and 4, from the start or the middle', async () => {
    const options = {
      batchSize: 3,
      shuffle: true,
      seed: 9,
      transform: everything,
      mixing: oneOf(mixup(), cutmix()),
    };
    const set = await imageFolder(images);
    const expected = [await batchesOf(set, options, 0), await batchesOf(set, options, 1)];
    expect(expected[0]!.map(({ count }) => count)).toEqual([3, 3, 3, 3, 1]);
    expect(expected[0]![0]).not.toEqual(expected[1]![0]);
    for (const workers of [1, 2, 4]) {
      for (const epoch of [0, 1]) {
        expect(await batchesOf(set, { ...options, workers }, epoch)).toEqual(expected[epoch]);
        expect(await batchesOf(set, { ...options, workers }, epoch, 3)).toEqual(expected[epoch]!.slice(3));
      }
    }
  });

  it('takes sets in memory, sets that have pixels only, and sets whose files are in memory', async () => {
    const set = madeSet({ count: 11 });
    const options = { batchSize: 4, shuffle: true, transform: cifarAugmentation([1, 2, 3]) };
    const expected = await batchesOf(set, options);
    expect(await batchesOf(set, { ...options, workers: 2 })).toEqual(expected);

    const { name, count, classes, height, width } = set;
    const labels = Int32Array.from(set.labels);
    const size = height * width * 3;
    const pixels: Dataset = {
      ...{ name, count, classes, labels },
      read: async (index) => ({
        pixels: set.images.subarray(index * size, (index + 1) * size),
        ...{ height, width, channels: 3 },
      }),
    };
    expect(await batchesOf(pixels, { ...options, workers: 2 })).toEqual(expected);

    const encode = (index: number) =>
      sharp(set.images.subarray(index * size, (index + 1) * size), { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
    const files: Dataset = {
      ...{ name, count, classes, labels },
      read: async (index) => decodeImage(await encode(index), 'png'),
      encoded: encode,
    };
    expect(await batchesOf(files, { ...options, workers: 2 })).toEqual(expected);
  });

  it('names broken images, or leaves them out and says so in order', async () => {
    const broken = join(folder, 'broken');
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const path = join(broken, 'a', `${index}.png`);
      await mkdir(dirname(path), { recursive: true });
      await (index % 4 === 1
        ? writeFile(path, 'no image')
        : sharp({ create: { width: 4, height: 4, channels: 3, background: '#123' } }).toFile(path));
    }
    const set = await imageFolder(broken);
    await expect(batchesOf(set, { batchSize: 2, workers: 2 })).rejects.toThrow(
      coded('IMAGE_INVALID', join('a', '1.png')),
    );
    const found: unknown[] = [];
    const onBroken: LoaderOptions['onBroken'] = ({ code }, index) => found.push([code, index]);
    const batches = await batchesOf(set, { batchSize: 2, workers: 2, onBroken });
    expect(batches.map(({ count }) => count)).toEqual([1, 2, 1]);
    expect(found).toEqual([
      ['IMAGE_INVALID', 1],
      ['IMAGE_INVALID', 5],
    ]);
  });

  it('takes transforms from a module, and no functions', async () => {
    const set = madeSet();
    const url = await written(
      'negative.mjs',
      'export const negative = (most) => (image) => ({ ...image, pixels: image.pixels.map((value) => most - value) });',
    );
    const transform = compose(horizontalFlip(), await importTransform(url, 'negative', 255));
    const expected = await batchesOf(set, { batchSize: 5, transform });
    expect(await batchesOf(set, { batchSize: 5, transform, workers: 1 })).toEqual(expected);
    expect(expected).not.toEqual(await batchesOf(set, { batchSize: 5, transform: horizontalFlip() }));

    const own = compose(horizontalFlip(), (image) => image);
    expect(() => loader(set, { batchSize: 5, transform: own, workers: 1 })).toThrow(
      coded('OPTION_INVALID', 'importTransform'),
    );
    await expect(importTransform(url, 'positive')).rejects.toThrow(coded('OPTION_INVALID', "'positive'"));
    await expect(importTransform(`${url}x`, 'negative')).rejects.toThrow(
      coded('OPTION_INVALID', 'negative.mjsx'),
    );
    const odd = await importTransform(url, 'negative', () => 1);
    expect(() => loader(set, { batchSize: 5, transform: odd, workers: 1 })).toThrow(coded('OPTION_INVALID'));
  });

  it('takes no data for a transform', async () => {
    const set = madeSet();
    const evil = {
      maker: 'run',
      options: [],
      module: 'data:text/javascript,throw new Error("code was run")',
    };
    for (const option of [{ nestedOrigin: evil }, { made: evil }, { origin: evil }, { data: 1 }]) {
      const text = JSON.stringify(option);
      const url = await written(
        `same-${Object.keys(option)}.mjs`,
        `export const same = (option) => {
          if (JSON.stringify(option) !== ${JSON.stringify(text)}) throw new Error('It is ' + JSON.stringify(option));
          return (image) => image;
        };`,
      );
      const transform = await importTransform(url, 'same', JSON.parse(text));
      expect(await batchesOf(set, { batchSize: 5, transform, workers: 1 })).toEqual(
        await batchesOf(set, { batchSize: 5 }),
      );
    }
  });

  it('does the work of a worker that dies, and gives up on work that kills every worker', async () => {
    const set = madeSet();
    const url = await written(
      'deadly.mjs',
      `import { writeFileSync } from 'node:fs';
      export const once = (trace) => (image) => {
        if (!trace) return image;
        try {
          // Of two workers one makes it.
          writeFileSync(trace, '', { flag: 'wx' });
        } catch {
          return image;
        }
        process.exit(3);
      };
      export const always = (deadly) => (image) => (deadly ? process.exit(3) : image);`,
    );
    const reports: string[] = [];
    const options: LoaderOptions = {
      batchSize: 3,
      workers: 2,
      onWorkerLost: (error) => reports.push(error.message),
    };
    const once = await importTransform(url, 'once', join(folder, 'trace'));
    expect(await batchesOf(set, { ...options, transform: once })).toEqual(
      await batchesOf(set, { batchSize: 3 }),
    );
    expect(reports).toEqual([expect.stringContaining('it exited. Another one does its work.')]);

    const always = await importTransform(url, 'always', true);
    await expect(batchesOf(set, { ...options, transform: always })).rejects.toThrow(
      coded('THREAD_LOST', 'over batch 0 of epoch 0'),
    );
  });

  it('passes errors of transforms on', async () => {
    const url = await written(
      'failing.mjs',
      "export const failing = () => () => { throw new Error('too dark'); };",
    );
    const transform = await importTransform(url, 'failing');
    await expect(batchesOf(madeSet(), { batchSize: 3, workers: 1, transform })).rejects.toThrow('too dark');
    const set = await imageFolder(images);
    await expect(batchesOf(set, { batchSize: 3, workers: 1 })).rejects.toThrow(coded('SHAPE_MISMATCH'));
  });

  it('stops when told to, when left, and when closed, and can begin again', async () => {
    const set = await imageFolder(images);
    const stop = new AbortController();
    const options = { batchSize: 2, transform: randomResizedCrop(16), workers: 2 };
    const stopped = async () => {
      const made = loader(set, { ...options, signal: stop.signal });
      open.push(made);
      for await (const _ of made.epoch(0)) stop.abort();
    };
    await expect(stopped()).rejects.toThrow(coded('ABORTED'));

    const made = loader(set, options);
    open.push(made);
    for await (const _ of made.epoch(0)) break;
    const again: Batch[] = [];
    for await (const batch of made.epoch(0)) again.push(batch);
    expect(again).toEqual(await batchesOf(set, { ...options, workers: 0 }));

    const closed = async () => {
      for await (const _ of made.epoch(1)) made.close();
    };
    await expect(closed()).rejects.toThrow(coded('ABORTED', 'closed'));
  });
});
