import { Random } from '@resnet/core';
import { coded, madeSet } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../images/image.js';
import { imageAt } from '../sets/image-set.js';
import { imagenetAugmentation, torchvisionAugmentation } from './augmentations.js';
import { randAugment, trivialAugment } from './automatic.js';
import { colorJitter } from './color.js';
import { colorComponents, colorShift, IMAGENET_COLOR_COMPONENTS } from './color-shift.js';
import { centerCrop, crop, randomCrop, tenCrop } from './crop.js';
import { mirrored } from './flip.js';
import { randomErasing } from './random-erasing.js';
import {
  randomResizedCrop,
  randomScaledCrop,
  resize,
  resizeShorterSide,
  scaledCenterCrop,
} from './resize.js';
import { compose } from './transform.js';

const madeImage = (height: number, width: number, channels = 3) =>
  imageAt(madeSet({ count: 1, height, width, channels, classes: ['a'] }), 0);

const side = fc.integer({ min: 1, max: 60 });
const seed = fc.integer({ min: 0, max: 1000 });

describe('crops', () => {
  it('keep the shape, and only crop: the same as scaling, then cropping', () => {
    fc.assert(
      fc.property(side, side, seed, fc.constantFrom(1, 3), (height, width, number, channels) => {
        const image = madeImage(height, width, channels);
        const options = { shorterSide: [9, 20] as const, size: 8, filter: 'bicubic' as const };
        const actual = randomScaledCrop(options)(image, new Random(number));
        const random = new Random(number);
        const shorterSide = 9 + random.int(12);
        expect(actual).toEqual(
          compose(resizeShorterSide(shorterSide, options), randomCrop(8))(image, random),
        );
        expect(scaledCenterCrop({ shorterSide: 11, size: 8 })(image, random)).toEqual(
          compose(resizeShorterSide(11), centerCrop(8))(image, random),
        );
      }),
    );
  });

  it('cut a resized part out of any image, the same for the same numbers', () => {
    fc.assert(
      fc.property(side, side, seed, (height, width, number) => {
        const image = madeImage(height, width);
        const transform = randomResizedCrop(7);
        const actual = transform(image, new Random(number));
        expect(actual).toMatchObject({ height: 7, width: 7, channels: 3 });
        expect(actual.pixels).toHaveLength(7 * 7 * 3);
        expect(transform(image, new Random(number))).toEqual(actual);
      }),
    );
  });

  it('take the largest central part where none fits', () => {
    const image = madeImage(10, 3);
    const transform = randomResizedCrop(4, { area: [2, 2], ratio: [0.5, 2] });
    const central = crop(image, { top: 2, left: 0, height: 6, width: 3 });
    expect(transform(image, new Random(0))).toEqual(resize(central, { height: 4, width: 4 }));
  });

  it('are placed in the middle as torchvision rounds', () => {
    expect(centerCrop(2)(madeImage(5, 7), new Random(0))).toEqual(
      crop(madeImage(5, 7), { top: 2, left: 2, height: 2, width: 2 }),
    );
  });

  it('give ten in the order of torchvision', () => {
    const image = madeImage(6, 7);
    const fiveOf = (side: Image) =>
      [
        [0, 0],
        [0, 3],
        [2, 0],
        [2, 3],
        // Of 1.5 pixels on either side, the even number is on the left, also of the mirrored image.
        [1, 2],
      ].map(([top, left]) => crop(side, { top: top!, left: left!, height: 4, width: 4 }));
    expect(tenCrop(image, 4)).toEqual([...fiveOf(image), ...fiveOf(mirrored(image))]);
  });

  it('refuse what can’t be', () => {
    const image = madeImage(5, 7);
    expect(() => tenCrop(image, 6)).toThrow(coded('OPTION_INVALID', '5 x 7'));
    expect(() => randomCrop(6)(image, new Random(0))).toThrow(coded('OPTION_INVALID', '6 x 6'));
    expect(() => crop(image, { top: 0.5, left: 0, height: 1, width: 1 })).toThrow(coded('OPTION_INVALID'));
    expect(() => randomCrop(0)).toThrow(coded('OPTION_INVALID', 'found 0'));
    expect(() => randomScaledCrop({ shorterSide: [200, 480] })).toThrow(coded('OPTION_INVALID', '200, 480'));
    expect(() => randomResizedCrop(8, { ratio: [2, 1] })).toThrow(coded('OPTION_INVALID', '2, 1'));
    expect(() => resize(image, { height: 0, width: 3 })).toThrow(coded('OPTION_INVALID', 'height'));
    expect(() => resize(image, { height: 2, width: 3 }, { filter: 'lanczos' as never })).toThrow(
      coded('OPTION_INVALID', 'lanczos'),
    );
  });
});

describe('colors', () => {
  it('jitter within the ranges; nothing without amounts', () => {
    const image = madeImage(6, 5);
    expect(colorJitter({})(image, new Random(1))).toBe(image);
    const transform = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 });
    expect(transform(image, new Random(1))).toEqual(transform(image, new Random(1)));
    expect(transform(image, new Random(1))).not.toEqual(transform(image, new Random(2)));
    expect(() => colorJitter({ hue: 0.6 })).toThrow(coded('OPTION_INVALID', 'hue'));
    expect(() => transform(madeImage(6, 5, 1), new Random(1))).toThrow(coded('SHAPE_MISMATCH'));
  });

  it('shift all pixels alike, along the components', () => {
    const gray = { pixels: new Uint8Array(4 * 4 * 3).fill(128), height: 4, width: 4, channels: 3 };
    const only = {
      variances: [1, 0, 0],
      directions: [
        [0.6, 0, -0.8],
        [0, 1, 0],
        [0.8, 0, 0.6],
      ],
    };
    for (let number = 0; number < 20; number++) {
      const { pixels } = colorShift(only)(gray, new Random(number));
      const amount = new Random(number).normal() * 25.5;
      expect(pixels[0]).toBe(Math.min(255, Math.max(0, Math.round(128 + 0.6 * amount))));
      expect(pixels[1]).toBe(128);
      expect(pixels).toEqual(new Uint8Array(48).map((_, position) => pixels[position % 3]!));
      expect((pixels[2]! - 128) * (pixels[0]! - 128)).toBeLessThanOrEqual(0);
    }
  });

  it('have the components that their pixels were made of', () => {
    const { variances, directions } = IMAGENET_COLOR_COMPONENTS;
    const random = new Random(3);
    const scale = 0.01;
    const pixels = new Uint8Array(300 * 300 * 3);
    for (let position = 0; position < pixels.length; position += 3) {
      const amounts = variances.map((variance) => random.normal() * Math.sqrt(variance * scale) * 255);
      for (let channel = 0; channel < 3; channel++) {
        const sum = amounts.reduce(
          (total, amount, index) => total + amount * directions[index]![channel]!,
          0,
        );
        pixels[position + channel] = Math.round(128 + sum);
      }
    }
    const found = colorComponents([{ pixels, height: 300, width: 300, channels: 3 }]);
    for (const [index, variance] of found.variances.entries()) {
      expect(variance / scale).toBeCloseTo(variances[index]!, 2);
      const cosine = directions[index]!.reduce(
        (sum, value, k) => sum + value * found.directions[index]![k]!,
        0,
      );
      expect(Math.abs(cosine)).toBeGreaterThan(0.999);
    }
    expect(() => colorComponents([])).toThrow(coded('DATA_INVALID'));
  });
});

describe('erasing', () => {
  it('fills one rectangle, within the areas asked for', () => {
    const image = { ...madeImage(20, 30), pixels: new Uint8Array(20 * 30 * 3).fill(9) };
    const transform = randomErasing({ probability: 1, fill: [1, 2, 3] });
    for (let number = 0; number < 50; number++) {
      const { pixels } = transform(image, new Random(number));
      const rows = new Set<number>();
      const columns = new Set<number>();
      let erased = 0;
      for (let position = 0; position < pixels.length; position += 3) {
        if (pixels[position] === 9) continue;
        expect([...pixels.subarray(position, position + 3)]).toEqual([1, 2, 3]);
        rows.add(Math.floor(position / 90));
        columns.add(position % 90);
        erased++;
      }
      expect(erased).toBe(rows.size * columns.size);
      expect(erased).toBeLessThanOrEqual(0.36 * 600);
    }
    expect(randomErasing({ probability: 0 })(image, new Random(0))).toBe(image);
    expect(randomErasing({ probability: 1, fill: 'noise' })(image, new Random(0))).not.toEqual(image);
    expect(() => randomErasing({ probability: 2 })).toThrow(coded('OPTION_INVALID', 'found 2'));
    expect(() => randomErasing({ fill: [1] })(image, new Random(0))).toThrow(coded('SHAPE_MISMATCH'));
  });
});

describe.each([
  ['randAugment', randAugment({ strength: 30 })],
  ['trivialAugment', trivialAugment()],
])('%s', (_, transform) => {
  it('changes images of any size, the same for the same numbers', () => {
    fc.assert(
      fc.property(side, side, seed, (height, width, number) => {
        const image = madeImage(height, width);
        const before = image.pixels.slice();
        const actual = transform(image, new Random(number));
        expect(actual).toMatchObject({ height, width, channels: 3 });
        expect(actual.pixels).toHaveLength(image.pixels.length);
        expect(transform(image, new Random(number))).toEqual(actual);
        expect(image.pixels).toEqual(before);
      }),
    );
  });

  it('takes RGB only', () => {
    expect(() => transform(madeImage(3, 3, 1), new Random(0))).toThrow(coded('SHAPE_MISMATCH'));
  });
});

it('the two ways to train on ImageNet give squares of 224', () => {
  for (const transform of [imagenetAugmentation(), torchvisionAugmentation()]) {
    expect(transform(madeImage(90, 70), new Random(5))).toMatchObject({ height: 224, width: 224 });
  }
});
