import { coded } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageSet } from './image-set.js';
import { splitImages } from './split.js';
import { toDataset } from './to-dataset.js';

/** One pixel an image, which tells its index in the set. */
function numbered(labels: number[]): ImageSet {
  const images = Uint8Array.from(labels, (_, index) => index);
  const classes = ['a', 'b', 'c', 'd'];
  return {
    name: 'made',
    images,
    labels: Uint8Array.from(labels),
    count: labels.length,
    height: 1,
    width: 1,
    channels: 1,
    classes,
  };
}

const countOf = (labels: ArrayLike<number>, label: number) =>
  Array.from(labels).filter((other) => other === label).length;

describe('splitImages', () => {
  it('puts every image in one part, in order, with its label, and each class in the same share', () => {
    const cases = fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 200 })
      .chain((labels) =>
        fc.tuple(fc.constant(labels), fc.integer({ min: 1, max: labels.length - 1 }), fc.integer()),
      );
    fc.assert(
      fc.property(cases, ([labels, heldOut, seed]) => {
        const parts = splitImages(numbered(labels), heldOut, seed);
        expect([parts.train.count, parts.heldOut.count]).toEqual([labels.length - heldOut, heldOut]);
        const positions = [...parts.train.images, ...parts.heldOut.images];
        expect(positions.sort((a, b) => a - b)).toEqual(labels.map((_, index) => index));
        for (const part of [parts.train, parts.heldOut]) {
          expect([...part.images]).toEqual([...part.images].sort((a, b) => a - b));
          expect([...part.labels]).toEqual([...part.images].map((position) => labels[position]));
        }
        for (let label = 0; label < 4; label++) {
          const share = (countOf(labels, label) * heldOut) / labels.length;
          expect(Math.abs(countOf(parts.heldOut.labels, label) - share)).toBeLessThan(1);
        }
      }),
      { seed: 1 },
    );
  });

  it('depends on the seed, and on nothing else', () => {
    const set = numbered(Array.from({ length: 200 }, (_, index) => index % 4));
    const heldOut = (seed: number) => splitImages(set, 20, seed).heldOut.images.join();
    expect(heldOut(1)).toBe(heldOut(1));
    expect(heldOut(1)).not.toBe(heldOut(2));
  });

  it.each([0, 4, 1.5, -1])('refuses to hold %s of 4 images out', (heldOut) => {
    expect(() => splitImages(numbered([0, 1, 2, 3]), heldOut, 0)).toThrow(
      coded('OPTION_INVALID', `from 1 to 3 for 'made', found ${heldOut}`),
    );
  });

  it('splits sets that are read as they go in the same way', async () => {
    const set = numbered([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 1, 1]);
    const paths = Array.from(set.images, (position) => `${position}.png`);
    const files = { ...toDataset(set), encoded: async (index: number) => paths[index]!, paths };
    const [inMemory, read] = [splitImages(set, 5, 3), splitImages(files, 5, 3)];
    for (const part of ['train', 'heldOut'] as const) {
      const { name, count, labels, images } = inMemory[part];
      expect(read[part]).toMatchObject({ name, count, labels: Int32Array.from(labels) });
      expect(read[part].paths).toEqual([...images].map((position) => `${position}.png`));
      for (let index = 0; index < count; index++) {
        expect((await read[part].read(index)).pixels).toEqual(images.subarray(index, index + 1));
        expect(await read[part].encoded(index)).toBe(read[part].paths[index]);
      }
      await expect(read[part].read(count)).rejects.toThrow(coded('OPTION_INVALID', `found ${count}`));
    }
  });
});
