import { type Random, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import { checkColors } from './check-arguments.js';
import { madeBy, type Transform } from './transform.js';

// Each function gives the bytes that Pillow's ImageEnhance gives, which torchvision uses for PIL images.

/** Gray with the weights of ITU-R 601-2, in integers as in Pillow. */
function gray(pixels: Uint8Array, position: number): number {
  return (
    (pixels[position]! * 19595 + pixels[position + 1]! * 38470 + pixels[position + 2]! * 7471 + 0x8000) >> 16
  );
}

/** From `other` (factor 0) to `value` (factor 1) and beyond. */
function blend(other: number, value: number, factor: number): number {
  const mixed = Math.fround(other + Math.fround(factor * (value - other)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : Math.trunc(mixed);
}

/**
 * Makes an RGB image darker (factor below 1; 0 is black) or brighter.
 *
 * @throws SHAPE_MISMATCH if the image is not RGB, as do all of these functions
 */
export function adjustBrightness(image: Image, factor: number): Image {
  checkColors(image, 'adjustBrightness');
  const amount = Math.fround(factor);
  return { ...image, pixels: image.pixels.map((value) => blend(0, value, amount)) };
}

/** Reduces the contrast of an RGB image (factor below 1; 0 is its mean gray) or increases it. */
export function adjustContrast(image: Image, factor: number): Image {
  checkColors(image, 'adjustContrast');
  const { pixels } = image;
  let sum = 0;
  for (let position = 0; position < pixels.length; position += 3) sum += gray(pixels, position);
  const mean = Math.trunc(sum / (pixels.length / 3) + 0.5);
  const amount = Math.fround(factor);
  return { ...image, pixels: pixels.map((value) => blend(mean, value, amount)) };
}

/** Reduces the saturation of an RGB image (factor below 1; 0 is gray) or increases it. */
export function adjustSaturation(image: Image, factor: number): Image {
  checkColors(image, 'adjustSaturation');
  const { pixels } = image;
  const amount = Math.fround(factor);
  const changed = new Uint8Array(pixels.length);
  for (let position = 0; position < pixels.length; position += 3) {
    const without = gray(pixels, position);
    for (let channel = position; channel < position + 3; channel++) {
      changed[channel] = blend(without, pixels[channel]!, amount);
    }
  }
  return { ...image, pixels: changed };
}

/** An RGB image as one channel of gray, as torchvision's `Grayscale` makes it; a gray image stays as it is. */
export function grayscale(): Transform {
  return madeBy('grayscale', [], (image) => {
    if (image.channels === 1) return image;
    checkColors(image, 'grayscale');
    const pixels = new Uint8Array(image.height * image.width);
    for (let position = 0; position < pixels.length; position++)
      pixels[position] = gray(image.pixels, 3 * position);
    return { ...image, pixels, channels: 1 };
  });
}

/** Makes an RGB image softer (factor below 1) or sharper; its border does not change. */
export function adjustSharpness(image: Image, factor: number): Image {
  checkColors(image, 'adjustSharpness');
  const { pixels, height, width } = image;
  const amount = Math.fround(factor);
  const changed = pixels.slice();
  const rowBytes = width * 3;
  for (let row = 1; row < height - 1; row++) {
    for (let column = 3; column < rowBytes - 3; column++) {
      const position = row * rowBytes + column;
      let sum = 4 * pixels[position]!;
      for (const line of [position - rowBytes, position, position + rowBytes]) {
        sum += pixels[line - 3]! + pixels[line]! + pixels[line + 3]!;
      }
      changed[position] = blend(Math.trunc(sum / 13 + 0.5), pixels[position]!, amount);
    }
  }
  return { ...image, pixels: changed };
}

/**
 * Shifts the hue of an RGB image, in HSV with one byte per value as in Pillow.
 *
 * @param turn the fraction of a full turn, -1/2 to 1/2
 */
export function adjustHue(image: Image, turn: number): Image {
  checkColors(image, 'adjustHue');
  const { pixels } = image;
  const added = Math.trunc(turn * 255);
  const changed = new Uint8Array(pixels.length);
  for (let position = 0; position < pixels.length; position += 3) {
    const red = pixels[position]!;
    const green = pixels[position + 1]!;
    const blue = pixels[position + 2]!;
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
    writeHsv(changed, position, (hue + added) & 255, saturation, most);
  }
  return { ...image, pixels: changed };
}

function writeHsv(
  pixels: Uint8Array,
  position: number,
  hue: number,
  saturation: number,
  value: number,
): void {
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
  pixels[position] = red!;
  pixels[position + 1] = green!;
  pixels[position + 2] = blue!;
}

export interface ColorJitterOptions {
  /** Each factor is drawn from [max(0, 1 - amount), 1 + amount]; 0 by default, which changes nothing. */
  brightness?: number;
  contrast?: number;
  saturation?: number;
  /** The fraction of a full turn, at most 1/2; the shift is drawn from [-hue, hue]. 0 by default. */
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
  return madeBy('colorJitter', [options], (image, random) => {
    let changed = image;
    for (const index of random.permutation(changes.length)) {
      const { amount, change } = changes[index]!;
      if (amount > 0) changed = change(changed, random);
    }
    return changed;
  });
}
