import { readFileSync } from 'node:fs';
import { Random } from '@resnet/core';
import { describe, expect, it } from 'vitest';
import type { Image } from '../images/image.js';
import * as color from './color.js';
import * as operations from './operations.js';
import { resize } from './resize.js';

interface Stored {
  height: number;
  width: number;
  pixels: string;
}

// Made by scripts/fixtures/pillow.py.
const fixture: {
  image: Stored;
  cases: { name: string; arguments: unknown[]; result: Stored }[];
} = JSON.parse(readFileSync(new URL('../../fixtures/pillow.json', import.meta.url), 'utf8'));

const imageOf = ({ height, width, pixels }: Stored): Image => ({
  pixels: new Uint8Array(Buffer.from(pixels, 'base64')),
  height,
  width,
  channels: 3,
});

const functions: Record<string, (image: Image, ...rest: never[]) => Image> = {
  ...color,
  ...operations,
  resize,
} as never;

/** Pillow computes coordinates in fixed point: a pixel on the edge between two may be the other one. */
const SHAPES = ['rotate', 'shearX', 'shearY'];

describe('the same as Pillow', () => {
  const image = imageOf(fixture.image);

  it.each(
    fixture.cases.map(
      (entry) => [`${entry.name}(${JSON.stringify(entry.arguments).slice(1, -1)})`, entry] as const,
    ),
  )('%s', (_, { name, arguments: rest, result }) => {
    const expected = imageOf(result);
    const before = image.pixels.slice();
    const actual = functions[name]!(image, ...(rest as never[]));
    expect([actual.height, actual.width, actual.channels]).toEqual([expected.height, expected.width, 3]);
    const differing = actual.pixels.filter((value, position) => value !== expected.pixels[position]).length;
    expect(differing).toBeLessThanOrEqual(SHAPES.includes(name) ? 0.005 * expected.pixels.length : 0);
    expect(image.pixels).toEqual(before);
  });

  it('grayscale', () => {
    const { result } = fixture.cases.find(
      ({ name, arguments: [factor] }) => name === 'adjustSaturation' && factor === 0,
    )!;
    const { pixels, ...shape } = imageOf(result);
    const gray = pixels.filter((_, position) => position % 3 === 0);
    const actual = color.grayscale()(image, new Random(0));
    expect(actual).toEqual({ ...shape, channels: 1, pixels: gray });
    expect(color.grayscale()(actual, new Random(0))).toBe(actual);
  });
});
