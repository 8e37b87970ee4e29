import { Random } from '@resnet/core';
import { coded, madeSet } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../images/image.js';
import { imageAt } from '../sets/image-set.js';
import { cifarAugmentation } from './augmentations.js';
import { padAndCrop } from './crop.js';
import { horizontalFlip } from './flip.js';
import { compose, type Transform } from './transform.js';

const madeImage = (height: number, width: number, channels: number) =>
  imageAt(madeSet({ count: 1, height, width, channels, classes: ['a'] }), 0);

/** Really pads, then really crops, one value at a time. */
function slowPadAndCrop(image: Image, padding: number, fill: readonly number[], top: number, left: number) {
  const { height, width, channels } = image;
  const value = (row: number, column: number, channel: number) =>
    row >= 0 && row < height && column >= 0 && column < width
      ? image.pixels[(row * width + column) * channels + channel]!
      : fill[channel]!;
  const result: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let channel = 0; channel < channels; channel++) {
        result.push(value(row + top - padding, column + left - padding, channel));
      }
    }
  }
  return result;
}

/** How often each result comes up, over many seeds. */
function results(transform: Transform, image: Image, seeds: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < seeds; seed++) {
    const key = transform(image, new Random(seed)).pixels.join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

describe('padAndCrop', () => {
  it('gives every crop of the padded image, equally often, and nothing else', () => {
    const image = madeImage(3, 4, 2);
    const fill = [10, 200];
    const crops = new Set<string>();
    for (let top = 0; top <= 4; top++) {
      for (let left = 0; left <= 4; left++) crops.add(slowPadAndCrop(image, 2, fill, top, left).join());
    }
    expect(crops.size).toBe(25);
    const found = results(padAndCrop({ padding: 2, fill }), image, 5000);
    expect([...found.keys()].sort()).toEqual([...crops].sort());
    for (const count of found.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
  });

  it('matches the slow reference on any image, also where the padding is larger than the image', () => {
    fc.assert(
      fc.property(
        fc.record({
          height: fc.integer({ min: 1, max: 6 }),
          width: fc.integer({ min: 1, max: 6 }),
          channels: fc.integer({ min: 1, max: 4 }),
          padding: fc.integer({ min: 0, max: 8 }),
          seed: fc.integer(),
        }),
        ({ height, width, channels, padding, seed }) => {
          const image = madeImage(height, width, channels);
          const before = image.pixels.slice();
          const fill = Array.from({ length: channels }, (_, channel) => 50 + channel);
          const random = new Random(seed);
          const top = random.int(2 * padding + 1);
          const left = random.int(2 * padding + 1);
          const cropped = padAndCrop({ padding, fill })(image, new Random(seed));
          expect(cropped).toMatchObject({ height, width, channels });
          expect([...cropped.pixels]).toEqual(slowPadAndCrop(image, padding, fill, top, left));
          expect(image.pixels).toEqual(before);
        },
      ),
      { seed: 1 },
    );
  });

  it('pads 4 black pixels by default', () => {
    const image = madeImage(6, 6, 1);
    const random = new Random(5);
    const expected = slowPadAndCrop(image, 4, [0], random.int(9), random.int(9));
    expect([...padAndCrop()(image, new Random(5)).pixels]).toEqual(expected);
  });

  it('refuses a padding or a fill that is out of range, and a fill of other channels', () => {
    expect(() => padAndCrop({ padding: -1 })).toThrow(coded('OPTION_INVALID', 'found -1'));
    expect(() => padAndCrop({ padding: 1.5 })).toThrow(coded('OPTION_INVALID'));
    expect(() => padAndCrop({ fill: [0, 256, 0] })).toThrow(coded('OPTION_INVALID', '0, 256, 0'));
    expect(() => padAndCrop({ fill: [1, 2] })(madeImage(2, 2, 3), new Random(0))).toThrow(
      coded('SHAPE_MISMATCH', '3 channels, found 2'),
    );
  });
});

describe('horizontalFlip', () => {
  it('mirrors half of the images, pixel by pixel, and leaves its input alone', () => {
    const image = madeImage(2, 3, 3);
    const before = image.pixels.slice();
    const mirrored = [...before].map((_, position) => {
      const [row, column, channel] = [Math.floor(position / 9), Math.floor(position / 3) % 3, position % 3];
      return before[row * 9 + (2 - column) * 3 + channel];
    });
    const found = results(horizontalFlip(), image, 2000);
    expect([...found.keys()].sort()).toEqual([before.join(), mirrored.join()].sort());
    for (const count of found.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
    expect(image.pixels).toEqual(before);
  });
});

describe('compose', () => {
  it('applies in order, drawing from one source', () => {
    const image = madeImage(4, 4, 3);
    const random = new Random(3);
    const expected = horizontalFlip()(padAndCrop()(image, random), random);
    expect(compose(padAndCrop(), horizontalFlip())(image, new Random(3))).toEqual(expected);
    expect(cifarAugmentation()(image, new Random(3))).toEqual(expected);
    expect(compose()(image, new Random(3))).toBe(image);
  });

  it('hands the fill on', () => {
    const image = madeImage(1, 1, 3);
    const corners = results(cifarAugmentation([1, 2, 3]), image, 200);
    expect([...corners.keys()].sort()).toEqual(['1,2,3', image.pixels.join()].sort());
  });
});
