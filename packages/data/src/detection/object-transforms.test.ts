import { Random } from '@resnet/core';
import { coded, madeSet } from '@resnet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../images/image.js';
import { imageAt } from '../sets/image-set.js';
import { colorJitter, grayscale } from '../transforms/color.js';
import { horizontalFlip } from '../transforms/flip.js';
import { randomErasing } from '../transforms/random-erasing.js';
import { resize } from '../transforms/resize.js';
import { compose } from '../transforms/transform.js';
import { cropObjects } from './crop-objects.js';
import { flipObjects } from './flip-objects.js';
import { composeObjects, imageOnly, type ObjectImage, type ObjectTransform } from './object-transform.js';
import { padToBatch } from './pad-to-batch.js';
import { resizeObjects } from './resize-objects.js';

/** A black image with a red and a green rectangle, which may touch the border but not each other. */
function drawn(height: number, width: number, seed: number): ObjectImage {
  const random = new Random(seed, height, width);
  const middle = Math.floor(width / 2);
  const box = (from: number, to: number) => {
    const x1 = from + random.int(to - from - 4);
    const y1 = random.int(height - 4);
    return [x1, y1, x1 + 4 + random.int(to - x1 - 3), y1 + 4 + random.int(height - y1 - 3)] as const;
  };
  const boxes = [box(0, middle), box(middle, width)];
  const pixels = new Uint8Array(height * width * 3);
  for (const [channel, [x1, y1, x2, y2]] of boxes.entries()) {
    for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) pixels[(y * width + x) * 3 + channel] = 255;
  }
  return {
    image: { pixels, height, width, channels: 3 },
    objects: {
      boxes: Float64Array.from(boxes.flat()),
      labels: Int32Array.of(0, 1),
      difficult: Uint8Array.of(0, 1),
      areas: Float64Array.from(boxes, ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1)),
    },
  };
}

/** The box around the pixels of which at least half is of a color. */
function found({ pixels, height, width }: Image, channel: number): number[] {
  const box = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[(y * width + x) * 3 + channel]! < 128) continue;
      box[0] = Math.min(box[0]!, x);
      box[1] = Math.min(box[1]!, y);
      box[2] = Math.max(box[2]!, x + 1);
      box[3] = Math.max(box[3]!, y + 1);
    }
  }
  return box;
}

const boxOf = ({ objects }: ObjectImage, object: number) => [
  ...objects.boxes.subarray(4 * object, 4 * object + 4),
];

const cases = fc.record({
  height: fc.integer({ min: 12, max: 60 }),
  width: fc.integer({ min: 24, max: 60 }),
  seed: fc.nat(1000),
});

/** Transforms drawn images, checks that they stay as they were, and gives the results to `check`. */
function transforming(transform: ObjectTransform, check: (made: ObjectImage, input: ObjectImage) => void) {
  fc.assert(
    fc.property(cases, ({ height, width, seed }) => {
      const input = drawn(height, width, seed);
      const before = structuredClone(input);
      const made = transform(input, new Random(seed));
      expect(input).toEqual(before);
      expect(made.image.pixels).toHaveLength(made.image.height * made.image.width * 3);
      check(made, input);
    }),
    { seed: 1 },
  );
}

describe('transforms of objects', () => {
  it.each([
    [true, false],
    [false, true],
    [true, true],
    [false, false],
  ])('flip boxes with their pixels: horizontal %s, vertical %s', (horizontal, vertical) => {
    const seen = new Set<string>();
    transforming(flipObjects({ horizontal, vertical }), (made, input) => {
      for (const object of [0, 1]) expect(boxOf(made, object)).toEqual(found(made.image, object));
      const isMoved = (axis: number) => made.objects.boxes[axis] !== input.objects.boxes[axis];
      seen.add(`${isMoved(0)} ${isMoved(1)}`);
      expect(made.objects).toMatchObject({
        labels: input.objects.labels,
        difficult: input.objects.difficult,
        areas: input.objects.areas,
      });
    });
    expect(seen.size).toBe((horizontal ? 2 : 1) * (vertical ? 2 : 1));
  });

  it('scale boxes with their pixels, to torchvision’s sizes', () => {
    const transform = resizeObjects({ shorter: 40, longest: 66 });
    transforming(transform, (made, input) => {
      const { height, width } = made.image;
      expect(Math.min(height, width)).toBeLessThanOrEqual(40);
      expect(Math.max(height, width)).toBeLessThanOrEqual(66);
      for (const object of [0, 1]) {
        for (const [at, value] of boxOf(made, object).entries()) {
          expect(Math.abs(value - found(made.image, object)[at]!)).toBeLessThanOrEqual(1);
        }
        const [x1, y1, x2, y2] = boxOf(made, object) as [number, number, number, number];
        expect(made.objects.areas![object]).toBeCloseTo((x2 - x1) * (y2 - y1), 8);
      }
      expect(made.objects.labels).toEqual(input.objects.labels);
    });
  });

  it.each([
    [480, 640, 800, 1066],
    [334, 500, 799, 1197],
    [600, 1200, 666, 1333],
  ])('scale %i x %i to %i x %i', (height, width, ...size) => {
    const image = { pixels: new Uint8Array(height * width), height, width, channels: 1 };
    const objects = { boxes: Float64Array.of(0, 0, width, height), labels: Int32Array.of(0) };
    const made = resizeObjects({ shorter: 800, longest: 1333 })({ image, objects }, new Random(0));
    expect([made.image.height, made.image.width]).toEqual(size);
    expect([...made.objects.boxes]).toEqual([0, 0, size[1], size[0]]);
  });

  it('scale as bilinear interpolation between centers of pixels does, to within one level', () => {
    fc.assert(
      fc.property(
        cases,
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 90 }),
        (from, height, width) => {
          const image = imageAt(madeSet({ ...from, count: 1 }), 0);
          const scaled = resize(image, { height, width }, { antialias: false });
          const side = (to: number, length: number, target: number) => {
            const at = Math.max(0, ((to + 0.5) * length) / target - 0.5);
            const first = Math.min(length - 1, Math.floor(at));
            return { first, second: Math.min(length - 1, first + 1), share: at - first };
          };
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const [down, across] = [side(y, image.height, height), side(x, image.width, width)];
              const at = (row: number, column: number) => image.pixels[(row * image.width + column) * 3]!;
              const along = (row: number) =>
                at(row, across.first) * (1 - across.share) + at(row, across.second) * across.share;
              const right = along(down.first) * (1 - down.share) + along(down.second) * down.share;
              expect(Math.abs(scaled.pixels[(y * width + x) * 3]! - right)).toBeLessThanOrEqual(1.001);
            }
          }
        },
      ),
      { seed: 1, numRuns: 30 },
    );
  });

  it('crop boxes with their pixels, and drop what can hardly be seen', () => {
    const counts = [0, 0, 0];
    transforming(cropObjects({ area: [0.1, 0.9], leastVisible: 0.3 }), (made, input) => {
      counts[made.objects.labels.length]!++;
      expect(made.objects.labels.length).toBeGreaterThan(0);
      for (const [number, label] of made.objects.labels.entries()) {
        expect(boxOf(made, number)).toEqual(found(made.image, label));
        const [x1, y1, x2, y2] = boxOf(made, number) as [number, number, number, number];
        expect(made.objects.areas![number]).toBeCloseTo((x2 - x1) * (y2 - y1), 8);
        expect((x2 - x1) * (y2 - y1)).toBeGreaterThanOrEqual(0.3 * input.objects.areas![label]!);
        expect(made.objects.difficult![number]).toBe(label);
      }
      for (const label of [0, 1]) {
        if (made.objects.labels.includes(label)) continue;
        const [x1, y1, x2, y2] = found(made.image, label) as [number, number, number, number];
        if (x2 > 0) expect((x2 - x1) * (y2 - y1)).toBeLessThan(0.3 * input.objects.areas![label]!);
      }
    });
    expect(Math.min(counts[1]!, counts[2]!)).toBeGreaterThan(10);
  });

  it('crop images without objects, and keep any visible part of a crowd', () => {
    const { image } = drawn(40, 40, 1);
    const none = { boxes: new Float64Array(0), labels: new Int32Array(0) };
    const half = cropObjects({ area: [0.5, 0.5], ratio: [1, 1] });
    expect(half({ image, objects: none }, new Random(1)).image).toMatchObject({ height: 28, width: 28 });
    const crowd = {
      boxes: Float64Array.of(0, 0, 40, 40),
      labels: Int32Array.of(0),
      crowd: Uint8Array.of(1),
    };
    const seen = cropObjects({ area: [0.1, 0.1], ratio: [1, 1] })({ image, objects: crowd }, new Random(1));
    expect(seen.image).toMatchObject({ height: 13, width: 13 });
    expect([...seen.objects.boxes]).toEqual([0, 0, 13, 13]);
    const { crowd: _, ...whole } = crowd;
    const input = { image, objects: whole };
    expect(cropObjects({ area: [0.1, 0.1], ratio: [1, 1] })(input, new Random(1))).toBe(input);
  });

  it('change the image alone, if it keeps its pixels where they are', () => {
    const input = drawn(20, 30, 1);
    const transform = imageOnly(
      compose(colorJitter({ brightness: 0.5 }), randomErasing({ probability: 1, fill: [9, 9, 9] })),
    );
    const made = transform(input, new Random(1));
    expect(made.objects).toBe(input.objects);
    expect(made.image.pixels).not.toEqual(input.image.pixels);
    expect(imageOnly(grayscale())(input, new Random(1)).image.channels).toBe(1);
    expect(() => imageOnly(compose(grayscale(), horizontalFlip()))).toThrow(
      coded('OPTION_INVALID', 'horizontalFlip'),
    );
    const smaller = imageOnly((image) => resize(image, { height: 10, width: 30 }));
    expect(() => smaller(input, new Random(1))).toThrow(coded('SHAPE_MISMATCH', '20 x 30'));
  });

  it('are applied in order', () => {
    const input = drawn(20, 30, 1);
    const transform = composeObjects(
      cropObjects({ area: [0.5, 0.5] }),
      flipObjects({ vertical: true }),
      resizeObjects({ shorter: 64, longest: 128 }),
    );
    const made = transform(input, new Random(5));
    expect(transform(input, new Random(5))).toEqual(made);
    for (const [number, label] of made.objects.labels.entries()) {
      for (const [at, value] of boxOf(made, number).entries()) {
        expect(Math.abs(value - found(made.image, label)[at]!)).toBeLessThanOrEqual(1.5);
      }
    }
    expect(composeObjects()(input, new Random(0))).toBe(input);
  });

  it.each([
    [() => resizeObjects({ shorter: 0, longest: 10 }), 'shorter'],
    [() => resizeObjects({ shorter: 20, longest: 10 }), 'longest'],
    [() => cropObjects({ leastVisible: 0 }), 'leastVisible'],
    [() => cropObjects({ area: [0.9, 0.1] }), 'area'],
    [() => cropObjects({ ratio: [0, 1] }), 'ratio'],
    [() => padToBatch([], 32), 'number of images'],
    [() => padToBatch([drawn(12, 24, 1).image], 0), 'multiple'],
  ])('refuse what is out of range: %s', (make, named) => {
    expect(make).toThrow(coded('OPTION_INVALID', named));
  });
});

describe('padToBatch', () => {
  it('puts images into the upper left corner of zeros', () => {
    const images = [drawn(12, 40, 1).image, drawn(33, 24, 2).image];
    const padded = padToBatch(images, 16);
    expect(padded).toMatchObject({ count: 2, height: 48, width: 48, channels: 3 });
    expect(padded.sizes).toEqual([
      [12, 40],
      [33, 24],
    ]);
    let sum = 0;
    for (const [number, image] of images.entries()) {
      for (let y = 0; y < image.height; y++) {
        const at = (number * 48 + y) * 48 * 3;
        const row = image.pixels.subarray(y * image.width * 3, (y + 1) * image.width * 3);
        expect(padded.images.subarray(at, at + row.length)).toEqual(row);
      }
      sum += image.pixels.reduce((total, value) => total + value, 0);
    }
    expect(padded.images.reduce((total, value) => total + value, 0)).toBe(sum);
    expect(() => padToBatch([images[0]!, { ...images[1]!, channels: 1 }], 1)).toThrow(
      coded('SHAPE_MISMATCH'),
    );
  });
});
