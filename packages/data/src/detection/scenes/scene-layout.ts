import { Random, ResnetError } from '@resnet/core';
import { type ImageSet, imageAt } from '../../sets/image-set.js';
import type { Region } from '../../transforms/crop.js';

/** What scenes look like. */
export interface SceneShape {
  /** Of an image's sides, in pixels. */
  size: number;
  /** Digits in an image. */
  least: number;
  most: number;
  /** The range of a digit's longer side, in pixels. */
  sides: readonly [number, number];
}

/** A digit in a scene. */
export interface PlacedDigit {
  /** In the set of digits. */
  index: number;
  /** The part of its image that has ink. */
  ink: Region;
  /** Where that goes in the scene. */
  place: Region;
}

/** Ink lighter than this, of 255, is taken for the blur of an edge. */
const LEAST_INK = 64;
/** The most of a digit that another one may share, of the smaller box. */
const MOST_SHARED = 0.1;
/** Places that are tried for a digit; and layouts for an image, the last ones with the smallest digits. */
const PLACES = 30;
const LAYOUTS = 200;
const LARGE_LAYOUTS = 20;

/** Where the digits of a scene are, which depends only on the seed and the scene's index. */
export function sceneLayout(digits: ImageSet, shape: SceneShape, seed: number, scene: number): PlacedDigit[] {
  const { least, most, sides } = shape;
  const count = least + new Random(seed, scene).int(most - least + 1);
  for (let layout = 0; layout < LAYOUTS; layout++) {
    const largest = layout < LARGE_LAYOUTS ? sides[1] : sides[0];
    const random = new Random(seed, scene, layout);
    const placed: PlacedDigit[] = [];
    for (let number = 0; number < count; number++) {
      const digit = placeDigit(digits, shape.size, [sides[0], largest], placed, random);
      if (digit) placed.push(digit);
    }
    if (placed.length === count) return placed;
  }
  throw new ResnetError(
    'OPTION_INVALID',
    `${count} digits of ${sides[0]} pixels don't fit into an image of ${shape.size} x ${shape.size}. Give fewer or smaller ones.`,
  );
}

function placeDigit(
  digits: ImageSet,
  size: number,
  [smallest, largest]: readonly [number, number],
  others: readonly PlacedDigit[],
  random: Random,
): PlacedDigit | undefined {
  const index = random.int(digits.count);
  const ink = inkOf(digits, index);
  for (let attempt = 0; attempt < PLACES; attempt++) {
    const scale = (smallest + random.int(largest - smallest + 1)) / Math.max(ink.height, ink.width);
    const height = Math.max(1, Math.round(ink.height * scale));
    const width = Math.max(1, Math.round(ink.width * scale));
    const place = { top: random.int(size - height + 1), left: random.int(size - width + 1), height, width };
    if (others.every((other) => sharedOf(place, other.place) <= MOST_SHARED)) return { index, ink, place };
  }
  return undefined;
}

/** The box around the ink of a digit. */
function inkOf(digits: ImageSet, index: number): Region {
  const { pixels, height, width } = imageAt(digits, index);
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (pixels[row * width + column]! < LEAST_INK) continue;
      top = Math.min(top, row);
      left = Math.min(left, column);
      bottom = Math.max(bottom, row + 1);
      right = Math.max(right, column + 1);
    }
  }
  return { top, left, height: bottom - top, width: right - left };
}

/** The area that two boxes share, by that of the smaller one. */
function sharedOf(a: Region, b: Region): number {
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  if (height <= 0 || width <= 0) return 0;
  return (height * width) / Math.min(a.height * a.width, b.height * b.width);
}
