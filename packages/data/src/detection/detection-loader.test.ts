import { ResnetError } from '@resnet/core';
import { coded } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cropObjects } from './crop-objects.js';
import type { DetectionDataset } from './detection-dataset.js';
import { type DetectionBatch, type DetectionLoader, detectionLoader } from './detection-loader.js';
import { flipObjects } from './flip-objects.js';
import { composeObjects } from './object-transform.js';

/** Images of different sizes whose pixels are their index; each has as many objects as its index modulo 3. */
function made(count: number): DetectionDataset {
  return {
    name: 'made',
    count,
    classes: ['a', 'b'],
    objects: (index) => ({
      boxes: Float64Array.from({ length: 4 * (index % 3) }, (_, at) => (at % 4 < 2 ? 1 : 4 + (index % 5))),
      labels: new Int32Array(index % 3).fill(1),
    }),
    imageName: (index) => `image ${index}`,
    async read(index) {
      const [height, width] = [10 + (index % 4), 12 + (index % 7)];
      return { pixels: new Uint8Array(height * width * 3).fill(index), height, width, channels: 3 };
    },
  };
}

async function batchesOf(from: DetectionLoader, epoch: number, first?: number): Promise<DetectionBatch[]> {
  const batches: DetectionBatch[] = [];
  const options = first === undefined ? {} : { first };
  for await (const batch of from.epoch(epoch, options)) batches.push(batch);
  return batches;
}

const indicesOf = (batches: DetectionBatch[]) =>
  batches.flatMap(({ images }) => images.map(({ index }) => index));
const inOrder = (count: number) => Array.from({ length: count }, (_, index) => index);

const cases = fc.record({
  count: fc.integer({ min: 1, max: 40 }),
  batchSize: fc.integer({ min: 1, max: 45 }),
  seed: fc.integer(),
  epoch: fc.nat(),
  shuffle: fc.boolean(),
});
const transform = composeObjects(cropObjects(), flipObjects({ vertical: true }));

describe('detectionLoader', () => {
  it('gives each image once an epoch with its objects, name and size, also without objects', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ count, epoch, ...options }) => {
        const set = made(count);
        const from = detectionLoader(set, options);
        const batches = await batchesOf(from, epoch);
        expect(batches).toHaveLength(from.batchesPerEpoch);
        expect(indicesOf(batches).sort((a, b) => a - b)).toEqual(inOrder(count));
        for (const sample of batches.flatMap(({ images }) => images)) {
          const { index, image } = sample;
          expect(sample.objects).toEqual(set.objects(index));
          expect(sample.name).toBe(`image ${index}`);
          expect(sample.originalSize).toEqual([image.height, image.width]);
          expect(image.pixels[0]).toBe(index);
        }
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('goes on from any batch with exactly the batches that remain', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async ({ count, epoch, ...options }, start) => {
        const whole = detectionLoader(made(count), { ...options, transform });
        const first = start % (whole.batchesPerEpoch + 1);
        const batches = await batchesOf(whole, epoch);
        const again = detectionLoader(made(count), { ...options, transform });
        expect(await batchesOf(again, epoch, first)).toEqual(batches.slice(first));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('augments an image by seed, epoch and index alone', async () => {
    const samples = async (batchSize: number, shuffle: boolean, epoch = 3) => {
      const from = detectionLoader(made(20), { batchSize, shuffle, seed: 1, transform });
      const all = (await batchesOf(from, epoch)).flatMap(({ images }) => images);
      return all.sort((a, b) => a.index - b.index);
    };
    const expected = await samples(4, true);
    expect(await samples(7, false)).toEqual(expected);
    expect(await samples(4, true, 4)).not.toEqual(expected);
  });

  it('leaves out broken images, or ends with the error of the first', async () => {
    const set = made(10);
    const broken = {
      ...set,
      read: async (index: number) => {
        if (index !== 2 && index !== 3) return set.read(index);
        throw new ResnetError('IMAGE_INVALID', `broken ${index}`);
      },
    };
    await expect(batchesOf(detectionLoader(broken, { batchSize: 2 }), 0)).rejects.toEqual(
      coded('IMAGE_INVALID', 'broken 2'),
    );
    const seen: number[] = [];
    const onBroken = (_: ResnetError, index: number) => seen.push(index);
    const batches = await batchesOf(detectionLoader(broken, { batchSize: 2, onBroken }), 0);
    expect(seen).toEqual([2, 3]);
    expect(batches.map(({ images }) => images.length)).toEqual([2, 2, 2, 2]);
    expect(indicesOf(batches)).toEqual([0, 1, 4, 5, 6, 7, 8, 9]);
  });

  it('ends at a box without a size and at a label without a class, naming image and object', async () => {
    const set = made(10);
    const one = (boxes: number[], label = 0) => ({
      ...set,
      objects: () => ({ boxes: Float64Array.from(boxes), labels: Int32Array.of(label) }),
    });
    for (const boxes of [
      [1, 2, 1, 4],
      [1, 5, 2, 4],
      [0, 0, Number.NaN, 3],
    ]) {
      await expect(batchesOf(detectionLoader(one(boxes), { batchSize: 2 }), 0)).rejects.toEqual(
        coded('DATA_INVALID', `object 0 of 'image 0' of 'made' must be x1, y1, x2, y2`),
      );
    }
    await expect(batchesOf(detectionLoader(one([0, 0, 1, 1], 2), { batchSize: 2 }), 0)).rejects.toEqual(
      coded('DATA_INVALID', 'found 2'),
    );
    await expect(batchesOf(detectionLoader(one([0, 0, 1]), { batchSize: 2 }), 0)).rejects.toEqual(
      coded('DATA_INVALID', 'must have 1 boxes'),
    );
    const breaking = detectionLoader(set, {
      batchSize: 2,
      transform: ({ image, objects }) => ({ image, objects: { ...objects, boxes: objects.boxes.fill(0) } }),
    });
    await expect(batchesOf(breaking, 0)).rejects.toEqual(coded('DATA_INVALID', 'transformed'));
  });

  it('ends after the signal, and reads no more once it is left', async () => {
    const stop = new AbortController();
    const from = detectionLoader(made(10), { batchSize: 2, signal: stop.signal });
    const taking = async () => {
      for await (const _ of from.epoch(0)) stop.abort();
    };
    await expect(taking()).rejects.toEqual(coded('ABORTED'));
    let reads = 0;
    const set = made(100);
    const read = (index: number) => {
      reads++;
      return set.read(index);
    };
    for await (const _ of detectionLoader({ ...set, read }, { batchSize: 2 }).epoch(0)) break;
    expect(reads).toBeLessThanOrEqual(8);
  });

  it('refuses options, epochs and batches that cannot be', () => {
    expect(() => detectionLoader(made(3), { batchSize: 0 })).toThrow(coded('OPTION_INVALID', 'batchSize'));
    expect(() => detectionLoader(made(3), { batchSize: 1, seed: 0.5 })).toThrow(coded('OPTION_INVALID'));
    expect(() => detectionLoader(made(0), { batchSize: 1 })).toThrow(coded('DATA_INVALID'));
    const from = detectionLoader(made(3), { batchSize: 2 });
    expect(() => from.epoch(-1)).toThrow(coded('OPTION_INVALID', 'epoch'));
    expect(() => from.epoch(0, { first: 3 })).toThrow(coded('OPTION_INVALID', 'first'));
  });
});
