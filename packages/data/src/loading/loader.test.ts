import { coded, madeSet } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../images/image.js';
import type { Dataset } from '../sets/dataset.js';
import { imageAt } from '../sets/image-set.js';
import { toDataset } from '../sets/to-dataset.js';
import { cifarAugmentation } from '../transforms/augmentations.js';
import type { Transform } from '../transforms/transform.js';
import type { Batch } from './batch.js';
import { type Loader, type LoaderOptions, loader } from './loader.js';

async function batchesOf(from: Loader, epoch: number, startBatch?: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of from.epoch(epoch, startBatch)) batches.push(batch);
  return batches;
}

/** Images whose four pixels tell their index in the set, and whose labels do too. */
const numbered = (count: number) => ({
  ...madeSet({ count, height: 2, width: 2, channels: 1 }),
  images: Uint8Array.from({ length: count * 4 }, (_, position) => Math.floor(position / 4)),
  labels: Uint8Array.from({ length: count }, (_, index) => index),
  classes: Array.from({ length: count }, String),
});

const placesOf = (batches: Batch[]) => batches.flatMap((batch) => [...batch.labels]);

const cases = fc.record({
  count: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 70 }),
  seed: fc.integer(),
  epoch: fc.nat(),
  shuffle: fc.boolean(),
});

describe('loader', () => {
  it('gives each image exactly once an epoch, with its label, in full batches and a last partial one', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, epoch, ...options }) => {
        const made = loader(numbered(count), options);
        const batches = await batchesOf(made, epoch);
        expect(batches.length).toBe(made.batchesPerEpoch);
        expect(placesOf(batches).sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, index) => index),
        );
        for (const [index, batch] of batches.entries()) {
          const isLast = index === batches.length - 1;
          expect(batch.count).toBe(isLast ? count - index * options.batchSize : options.batchSize);
          expect(batch).toMatchObject({ height: 2, width: 2, channels: 1 });
          expect([...batch.images]).toEqual(
            [...batch.labels].flatMap((position) => [position, position, position, position]),
          );
        }
      }),
      { seed: 1 },
    );
  });

  it('leaves out the last batch only if it is partial, with dropLast', async () => {
    const dropped = loader(numbered(10), { batchSize: 4, dropLast: true });
    expect(dropped.batchesPerEpoch).toBe(2);
    expect(placesOf(await batchesOf(dropped, 0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(loader(numbered(8), { batchSize: 4, dropLast: true }).batchesPerEpoch).toBe(2);
    expect(placesOf(await batchesOf(loader(numbered(10), { batchSize: 4 }), 0)).length).toBe(10);
  });

  it('goes on from any batch with exactly the batches that remain, augmentation and all', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async ({ count, epoch, ...options }, start) => {
        const set = madeSet({ count });
        const whole = loader(set, { ...options, transform: cifarAugmentation() });
        const again = loader(set, { ...options, transform: cifarAugmentation() });
        const startBatch = start % (whole.batchesPerEpoch + 1);
        const batches = await batchesOf(whole, epoch);
        expect(await batchesOf(again, epoch, startBatch)).toEqual(batches.slice(startBatch));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('augments an image by its position in the epoch, whatever the size of the batches', async () => {
    const options = { seed: 3, shuffle: true, transform: cifarAugmentation() };
    const pixels = async (batchSize: number) =>
      (await batchesOf(loader(madeSet(), { ...options, batchSize }), 2)).flatMap((batch) => [
        ...batch.images,
      ]);
    expect(await pixels(3)).toEqual(await pixels(10));
  });

  it('has another order and another augmentation for another seed or epoch', async () => {
    const set = numbered(50);
    const order = async (options: Partial<LoaderOptions>, epoch: number) =>
      placesOf(await batchesOf(loader(set, { batchSize: 50, shuffle: true, ...options }), epoch)).join();
    const orders = await Promise.all([order({ seed: 1 }, 0), order({ seed: 1 }, 1), order({ seed: 2 }, 0)]);
    expect(new Set(orders).size).toBe(3);
    expect(await order({}, 4)).toBe(await order({ seed: 0 }, 4));
    expect(await order({ shuffle: false }, 1)).toBe([...set.labels].join());

    const draws = async (seed: number, epoch: number) => {
      const drawn: number[] = [];
      const transform: Transform = (image, random) => {
        drawn.push(random.uniform());
        return image;
      };
      await batchesOf(loader(set, { batchSize: 50, seed, transform }), epoch);
      return drawn;
    };
    const all = [...(await draws(1, 0)), ...(await draws(1, 1)), ...(await draws(2, 0))];
    expect(new Set(all).size).toBe(150);
  });

  it('gives fresh arrays, and leaves the set alone', async () => {
    const set = madeSet();
    const before = set.images.slice();
    for (const batch of await batchesOf(loader(set, { batchSize: 4 }), 0)) batch.images.fill(0);
    expect(set.images).toEqual(before);
  });

  it('reads the images of a batch in memory at once, and as views', async () => {
    const set = toDataset(madeSet({ count: 50 }));
    const images: Image[] = [];
    let reading = 0;
    const read: Dataset['read'] = async (index) => {
      reading++;
      images.push(await set.read(index));
      expect(reading).toBe(50);
      return images.at(-1)!;
    };
    await batchesOf(loader({ ...set, read }, { batchSize: 50 }), 0);
    expect(new Set(images.map(({ pixels }) => pixels.buffer)).size).toBe(1);
  });

  it('takes the size of its batches from the transform', async () => {
    const topRow: Transform = (image) => ({ ...image, pixels: image.pixels.slice(0, 15), height: 1 });
    const set = madeSet();
    const [batch] = await batchesOf(loader(set, { batchSize: 10, transform: topRow }), 0);
    expect(batch).toMatchObject({ count: 10, height: 1, width: 5, channels: 3 });
    expect([...batch!.images.slice(15, 30)]).toEqual([...imageAt(set, 1).pixels.slice(0, 15)]);

    let calls = 0;
    const uneven: Transform = (image, random) => (calls++ === 2 ? topRow(image, random) : image);
    await expect(batchesOf(loader(set, { batchSize: 10, transform: uneven }), 0)).rejects.toEqual(
      coded('SHAPE_MISMATCH', 'number 2 is 1 x 5 x 3'),
    );
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize must be an integer of at least 1, found 0'],
    [{ batchSize: 1.5 }, 'batchSize'],
    [{ batchSize: 4, seed: 0.5 }, 'seed'],
    [{ batchSize: 11, dropLast: true }, "leaves no batch of 11, as 'made' has 10 images"],
  ])('refuses the options %o', (options, message) => {
    expect(() => loader(madeSet(), options)).toThrow(coded('OPTION_INVALID', message));
  });

  it('refuses an epoch or a batch that there is not, at once', () => {
    const made = loader(madeSet(), { batchSize: 4 });
    expect(() => made.epoch(-1)).toThrow(coded('OPTION_INVALID', 'epoch'));
    expect(() => made.epoch(0, 4)).toThrow(
      coded('OPTION_INVALID', 'startBatch must be an integer from 0 to 3, found 4'),
    );
    expect(() => made.epoch(0, 0.5)).toThrow(coded('OPTION_INVALID', 'startBatch'));
  });

  it('refuses a set that is inconsistent', () => {
    expect(() => loader({ ...madeSet(), count: 11 }, { batchSize: 4 })).toThrow(coded('DATA_INVALID'));
  });
});
