import { type Random, ResnetError } from '@resnet/backend';
import { checkColors, checkRange } from '../check.js';
import type { Image } from '../image.js';
import type { Transform } from './transform.js';

// Each function gives the bytes that Pillow's ImageEnhance gives, which torchvision uses for PIL images.

/** Grey as ITU-R 601-2 weighs it, in integers as Pillow computes it. */
function grey(pixels: Uint8Array, place: number): number {
  return (pixels[place]! * 19595 + pixels[place + 1]! * 38470 + pixels[place + 2]! * 7471 + 0x8000) >> 16;
}

/** From `other` (factor 0) to `value` (factor 1) and beyond. */
function blend(other: number, value: number, factor: number): number {
  const mixed = Math.fround(other + Math.fround(factor * (value - other)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : Math.trunc(mixed);
}

/**
 * Makes an RGB image darker (factor below 1; 0 is black) or brighter.
 *
 * @throws SHAPE_MISMATCH if the image is not RGB, as all of these functions
 */
export function adjustBrightness(image: Image, factor: number): Image {
  checkColors(image, 'adjustBrightness');
  const amount = Math.fround(factor);
  return { ...image, pixels: image.pixels.map((value) => blend(0, value, amount)) };
}

/** Takes contrast from an RGB image (factor below 1; 0 is its mean grey) or adds it. */
export function adjustContrast(image: Image, factor: number): Image {
  checkColors(image, 'adjustContrast');
  const { pixels } = image;
  let sum = 0;
  for (let place = 0; place < pixels.length; place += 3) sum += grey(pixels, place);
  const mean = Math.trunc(sum / (pixels.length / 3) + 0.5);
  const amount = Math.fround(factor);
  return { ...image, pixels: pixels.map((value) => blend(mean, value, amount)) };
}

/** Takes colour from an RGB image (factor below 1; 0 is grey) or adds it. */
export function adjustSaturation(image: Image, factor: number): Image {
  checkColors(image, 'adjustSaturation');
  const { pixels } = image;
  const amount = Math.fround(factor);
  const changed = new Uint8Array(pixels.length);
  for (let place = 0; place < pixels.length; place += 3) {
    const without = grey(pixels, place);
    for (let channel = place; channel < place + 3; channel++) {
      changed[channel] = blend(without, pixels[channel]!, amount);
    }
  }
  return { ...image, pixels: changed };
}

/** Makes an RGB image softer (factor below 1) or sharper; its border stays. */
export function adjustSharpness(image: Image, factor: number): Image {
  checkColors(image, 'adjustSharpness');
  const { pixels, height, width } = image;
  const amount = Math.fround(factor);
  const changed = pixels.slice();
  const rowBytes = width * 3;
  for (let row = 1; row < height - 1; row++) {
    for (let column = 3; column < rowBytes - 3; column++) {
      const place = row * rowBytes + column;
      let sum = 4 * pixels[place]!;
      for (const line of [place - rowBytes, place, place + rowBytes]) {
        sum += pixels[line - 3]! + pixels[line]! + pixels[line + 3]!;
      }
      changed[place] = blend(Math.trunc(sum / 13 + 0.5), pixels[place]!, amount);
    }
  }
  return { ...image, pixels: changed };
}

/**
 * Turns the hue of an RGB image, in HSV of one byte each as Pillow has it.
 *
 * @param turn the part of a whole turn, -1/2 to 1/2
 */
export function adjustHue(image: Image, turn: number): Image {
  checkColors(image, 'adjustHue');
  const { pixels } = image;
  const added = Math.trunc(turn * 255);
  const changed = new Uint8Array(pixels.length);
  for (let place = 0; place < pixels.length; place += 3) {
    const red = pixels[place]!;
    const green = pixels[place + 1]!;
    const blue = pixels[place + 2]!;
    const most = Math.max(red, green, blue);
    const range = most - Math.min(red, green, blue);
    let hue = 0;
    let saturation = 0;
    if (range > 0) {
      const fromRed = Math.fround((most - red) / range);
      const fromGreen = Math.fround((most - green) / range);
      const fromBlue = Math.fround((most - blue) / range);
      const sixths =
        red === most
          ? Math.fround(fromBlue - fromGreen)
          : green === most
            ? Math.fround(2 + fromRed - fromBlue)
            : Math.fround(4 + fromGreen - fromRed);
      hue = Math.trunc(Math.fround((sixths / 6 + 1) % 1) * 255);
      saturation = Math.trunc(Math.fround(range / most) * 255);
    }
    writeHsv(changed, place, (hue + added) & 255, saturation, most);
  }
  return { ...image, pixels: changed };
}

function writeHsv(pixels: Uint8Array, place: number, hue: number, saturation: number, value: number): void {
  const sixths = (hue * 6) / 255;
  const sector = Math.floor(sixths);
  const part = Math.fround(sixths - sector);
  const share = Math.fround(saturation / 255);
  const low = Math.round(value * (1 - share));
  const falling = Math.round(value * (1 - share * part));
  const rising = Math.round(value * (1 - share * (1 - part)));
  const [red, green, blue] = [
    [value, rising, low],
    [falling, value, low],
    [low, value, rising],
    [low, falling, value],
    [rising, low, value],
    [value, low, falling],
  ][sector % 6]!;
  pixels[place] = red!;
  pixels[place + 1] = green!;
  pixels[place + 2] = blue!;
}

export interface ColorJitterOptions {
  /** Each factor is drawn from [max(0, 1 - amount), 1 + amount]; 0 by default, which leaves it alone. */
  brightness?: number;
  contrast?: number;
  saturation?: number;
  /** Part of a turn, at most 1/2; drawn from [-hue, hue]. 0 by default. */
  hue?: number;
}

/**
 * torchvision's `ColorJitter`: brightness, contrast, saturation and hue changed by random amounts, in random order.
 *
 * @throws OPTION_INVALID if an amount is below 0 or the hue above 1/2
 */
export function colorJitter(options: ColorJitterOptions): Transform {
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options;
  for (const [name, amount] of Object.entries({ brightness, contrast, saturation, hue })) {
    if (amount >= 0 && amount <= (name === 'hue' ? 0.5 : Number.MAX_VALUE)) continue;
    const range = name === 'hue' ? 'from 0 to 0.5' : 'of at least 0';
    throw new ResnetError('OPTION_INVALID', `${name} must be a number ${range}, found ${amount}.`);
  }
  const factor = (amount: number, random: Random) => {
    const low = Math.max(0, 1 - amount);
    return low + (1 + amount - low) * random.uniform();
  };
  const changes: { amount: number; change: Transform }[] = [
    { amount: brightness, change: (image, random) => adjustBrightness(image, factor(brightness, random)) },
    { amount: contrast, change: (image, random) => adjustContrast(image, factor(contrast, random)) },
    { amount: saturation, change: (image, random) => adjustSaturation(image, factor(saturation, random)) },
    { amount: hue, change: (image, random) => adjustHue(image, hue * (2 * random.uniform() - 1)) },
  ];
  return (image, random) => {
    let changed = image;
    for (const index of random.permutation(changes.length)) {
      const { amount, change } = changes[index]!;
      if (amount > 0) changed = change(changed, random);
    }
    return changed;
  };
}

/** Directions in which the colours of a data set vary, and how much: of RGB in [0, 1]. */
export interface ColorComponents {
  /** Variances along the directions, the largest first. */
  variances: readonly number[];
  /** The directions, unit vectors of red, green and blue. */
  directions: readonly (readonly number[])[];
}

/** ImageNet's, as published with fb.resnet.torch (Facebook, 2016). */
export const IMAGENET_COLOR_COMPONENTS: ColorComponents = {
  variances: [0.2175, 0.0188, 0.0045],
  directions: [
    [-0.5675, -0.5808, -0.5836],
    [0.7192, -0.0045, -0.6948],
    [0.4009, -0.814, 0.4203],
  ],
};

/**
 * The standard colour augmentation of the paper (Section 3.4), which is AlexNet's: to every pixel of an image is added
 * the same colour, the sum of the principal components, each times its variance and a normal number.
 *
 * @param components of the data set; ImageNet's by default
 * @param deviation of the normal numbers; 0.1 by default, as AlexNet's
 * @throws OPTION_INVALID if the deviation is below 0
 */
export function colorShift(
  components: ColorComponents = IMAGENET_COLOR_COMPONENTS,
  deviation = 0.1,
): Transform {
  checkRange('deviation', [deviation, deviation], 0);
  const { variances, directions } = components;
  return (image, random) => {
    checkColors(image, 'colorShift');
    const shift = [0, 0, 0];
    for (const [index, variance] of variances.entries()) {
      const amount = 255 * deviation * random.normal() * variance;
      for (let channel = 0; channel < 3; channel++) shift[channel]! += amount * directions[index]![channel]!;
    }
    const tables = shift.map((added) => Uint8ClampedArray.from({ length: 256 }, (_, value) => value + added));
    return { ...image, pixels: image.pixels.map((value, place) => tables[place % 3]![value]!) };
  };
}

/**
 * The principal components of the colours of images, over all of their pixels.
 *
 * @param images RGB
 * @throws SHAPE_MISMATCH if one is not RGB; DATA_INVALID if there is no pixel
 */
export function colorComponents(images: Iterable<Image>): ColorComponents {
  const sums = [0, 0, 0];
  const products = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let count = 0;
  for (const image of images) {
    checkColors(image, 'colorComponents');
    const { pixels } = image;
    count += pixels.length / 3;
    for (let place = 0; place < pixels.length; place += 3) {
      for (let a = 0; a < 3; a++) {
        const value = pixels[place + a]!;
        sums[a]! += value;
        for (let b = a; b < 3; b++) products[3 * a + b]! += value * pixels[place + b]!;
      }
    }
  }
  if (count === 0)
    throw new ResnetError('DATA_INVALID', 'colorComponents needs at least one image, found none.');
  const covariance = [0, 1, 2].map((a) =>
    [0, 1, 2].map((b) => {
      const product = products[a < b ? 3 * a + b : 3 * b + a]! / count;
      return (product - (sums[a]! / count) * (sums[b]! / count)) / 255 ** 2;
    }),
  );
  return eigenvectors(covariance);
}

/** Of a symmetric matrix of 3×3, by Jacobi's rotations. */
function eigenvectors(matrix: number[][]): ColorComponents {
  const a = matrix;
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < 30; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      if (a[p]![q] === 0) continue;
      const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
      const tangent = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const cosine = 1 / Math.hypot(tangent, 1);
      const sine = tangent * cosine;
      for (let k = 0; k < 3; k++) {
        const [x, y] = [a[k]![p]!, a[k]![q]!];
        a[k]![p] = cosine * x - sine * y;
        a[k]![q] = sine * x + cosine * y;
      }
      for (let k = 0; k < 3; k++) {
        const [x, y] = [a[p]![k]!, a[q]![k]!];
        a[p]![k] = cosine * x - sine * y;
        a[q]![k] = sine * x + cosine * y;
        const [s, t] = [v[k]![p]!, v[k]![q]!];
        v[k]![p] = cosine * s - sine * t;
        v[k]![q] = sine * s + cosine * t;
      }
    }
  }
  const order = [0, 1, 2].sort((i, j) => a[j]![j]! - a[i]![i]!);
  return {
    variances: order.map((index) => a[index]![index]!),
    directions: order.map((index) => v.map((row) => row[index]!)),
  };
}
