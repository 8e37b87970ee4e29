import { Random } from '@resnet/core';
import { coded } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../loading/batch.js';
import { cutmix, mixup, oneOf } from './mixing.js';

/** Images of one value each: 0, 10, 20, … */
function even(count: number, height = 6, width = 8): Batch {
  const size = height * width * 3;
  const images = Uint8Array.from({ length: count * size }, (_, position) => 10 * Math.floor(position / size));
  return {
    images,
    labels: Int32Array.from({ length: count }, (_, position) => position),
    count,
    height,
    width,
    channels: 3,
  };
}

const imagesOf = ({ images, count }: Batch) =>
  Array.from({ length: count }, (_, position) => {
    const size = images.length / count;
    return [...images.subarray(position * size, (position + 1) * size)];
  });

describe('mixup', () => {
  it('blends each image with the one before by the share that it names', () => {
    const batch = even(4);
    const before = batch.images.slice();
    const { images, labels, mixed, ...sizes } = mixup({ alpha: 1 })(batch, new Random(1));
    expect(sizes).toEqual({ count: 4, height: 6, width: 8, channels: 3 });
    expect([...labels]).toEqual([0, 1, 2, 3]);
    expect([...mixed!.labels]).toEqual([3, 0, 1, 2]);
    expect(mixed!.share).toBeGreaterThan(0);
    expect(mixed!.share).toBeLessThan(1);
    imagesOf({ ...batch, images }).forEach((image, position) => {
      const [own, other] = [10 * position, 10 * ((position + 3) % 4)];
      expect(new Set(image)).toEqual(new Set([Math.round(mixed!.share * own + (1 - mixed!.share) * other)]));
    });
    expect(batch.images).toEqual(before);
  });

  it('draws shares from the beta distribution', () => {
    const batch = even(1, 1, 1);
    for (const [alpha, variance] of [
      [0.2, 0.25 / 1.4],
      [1, 1 / 12],
      [4, 0.25 / 9],
    ] as const) {
      const shares = Array.from(
        { length: 4000 },
        (_, seed) => mixup({ alpha })(batch, new Random(seed)).mixed!.share,
      );
      const mean = shares.reduce((sum, share) => sum + share) / shares.length;
      const spread = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
      expect(Math.abs(spread / variance - 1)).toBeLessThan(0.1);
    }
  });
});

describe('cutmix', () => {
  it('pastes one rectangle of the image before, whose area is the rest of the share', () => {
    for (let seed = 0; seed < 200; seed++) {
      const batch = even(3);
      const { images, mixed } = cutmix()(batch, new Random(seed));
      expect([...mixed!.labels]).toEqual([2, 0, 1]);
      const pasted = imagesOf({ ...batch, images }).map((image, position) => {
        const other = 10 * ((position + 2) % 3);
        expect(image.every((value) => value === 10 * position || value === other)).toBe(true);
        return image.flatMap((value, index) => (value === other && index % 3 === 0 ? [index / 3] : []));
      });
      expect(pasted[1]).toEqual(pasted[0]);
      expect(pasted[2]).toEqual(pasted[0]);
      expect(mixed!.share).toBeCloseTo(1 - pasted[0]!.length / 48, 12);
      const rows = new Set(pasted[0]!.map((position) => Math.floor(position / 8)));
      const columns = new Set(pasted[0]!.map((position) => position % 8));
      expect(rows.size * columns.size).toBe(pasted[0]!.length);
    }
  });
});

it('takes either of several ways, the same for the same numbers', () => {
  const mixing = oneOf(mixup({ alpha: 1 }), cutmix());
  const kinds = Array.from({ length: 60 }, (_, seed) => {
    const { images, mixed } = mixing(even(2), new Random(seed));
    expect(mixing(even(2), new Random(seed))).toMatchObject({ images, mixed });
    return new Set(images).size;
  });
  expect(kinds.filter((values) => values === 2 || values === 1).length).toBeGreaterThan(10);
  expect(() => oneOf()).toThrow(coded('OPTION_INVALID'));
  expect(() => mixup({ alpha: 0 })).toThrow(coded('OPTION_INVALID', 'alpha'));
  expect(() => cutmix({ alpha: Number.NaN })).toThrow(coded('OPTION_INVALID', 'alpha'));
});
