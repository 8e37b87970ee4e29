import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { Random } from '@resnet/core';
import {
  cifarAugmentation,
  type ImageSet,
  type Loader,
  loader,
  type Transform,
  torchvisionAugmentation,
} from '@resnet/data';
import { imageFolder } from '@resnet/data/node';
import sharp from 'sharp';
import { benchmarkCrops } from './crops.js';

/**
 * Images a second that the loader gives, the median of several epochs.
 *
 * @param folder of images to measure with as well, one folder a class
 */
export async function benchmarkData(folder: string | undefined): Promise<void> {
  const [count, epochs] = [20_000, 5];
  const random = new Random(1);
  const set: ImageSet = {
    name: 'noise',
    images: Uint8Array.from({ length: count * 32 * 32 * 3 }, () => random.int(256)),
    labels: new Uint8Array(count),
    count,
    height: 32,
    width: 32,
    channels: 3,
    classes: ['noise'],
  };
  const measure = async (transform?: Transform) => {
    const batches = loader(set, { batchSize: 128, shuffle: true, ...(transform ? { transform } : {}) });
    const rates: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const started = performance.now();
      for await (const _ of batches.epoch(epoch));
      rates.push((1000 * count) / (performance.now() - started));
    }
    return rates.sort((a, b) => a - b)[epochs >> 1]!;
  };
  console.log(
    `Loader, 32 × 32 × 3, batch 128. Node ${process.version}, ${os.cpus()[0]!.model}, one thread.\n`,
  );
  console.log('| | images/s |\n|---|---|');
  console.log(`| shuffled | ${Math.round(await measure()).toLocaleString('en-US')} |`);
  console.log(
    `| padded, cropped and flipped | ${Math.round(await measure(cifarAugmentation([125, 123, 114]))).toLocaleString('en-US')} |`,
  );
  benchmarkCrops(3);
  if (folder !== undefined) await benchmarkImages(folder, epochs);
}

/** Training crops of image files, beside the time that sharp alone needs to decode and resize them; libvips threads for both. */
async function benchmarkImages(folder: string, epochs: number): Promise<void> {
  const set = await imageFolder(folder);
  const options = { batchSize: 32, shuffle: true, transform: torchvisionAugmentation() };
  const [batches, workers] = [loader(set, options), loader(set, { ...options, workers: 2 })];
  const read = (from: Loader) => async (epoch: number) => {
    for await (const _ of from.epoch(epoch));
  };
  const alone = (fastShrinkOnLoad: boolean) =>
    Promise.all(
      set.paths.map(async (path) =>
        sharp(await readFile(path))
          .resize({ height: 224, width: 224, fit: 'cover', kernel: 'linear', fastShrinkOnLoad })
          .removeAlpha()
          .toColourspace('srgb')
          .raw()
          .toBuffer(),
      ),
    );
  const ways: [string, (epoch: number) => Promise<unknown>][] = [
    ['sharp alone, decoding JPEGs smaller', () => alone(true)],
    ['sharp alone, decoding them whole', () => alone(false)],
    ['loader, random resized crops', read(batches)],
    ['the same with two workers', read(workers)],
  ];
  const rates = ways.map((): number[] => []);
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [index, [, run]] of ways.entries()) {
      const started = performance.now();
      await run(epoch);
      rates[index]!.push((1000 * set.count) / (performance.now() - started));
    }
  }
  workers.close();
  const medians = rates.map((list) => list.sort((a, b) => a - b)[epochs >> 1]!);
  console.log(`\n${set.count} image files to 224 × 224 × 3; ${os.cpus().length} processors.\n`);
  console.log('| | images/s | of sharp, whole |\n|---|---|---|');
  for (const [index, [name]] of ways.entries()) {
    console.log(
      `| ${name} | ${Math.round(medians[index]!)} | ${(medians[index]! / medians[1]!).toFixed(2)} |`,
    );
  }
}
