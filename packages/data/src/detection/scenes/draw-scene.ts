import { Random } from '@resnet/core';
import type { Image } from '../../images/image.js';
import { type ImageSet, imageAt } from '../../sets/image-set.js';
import { crop } from '../../transforms/crop.js';
import { resize } from '../../transforms/resize.js';
import type { PlacedDigit } from './scene-layout.js';

/** A stream of random numbers apart from those of layouts, which are counted from 0. */
const LOOKS = -1;
/** How far a background varies from its mean, and a color's channels from their mean. */
const VARIATION = 30;
/** The range of the difference of a digit's brightness from that of the background's mean. */
const CONTRAST = [80, 180] as const;
const MOST_NOISE = 16;
const MOST_PATCHES = 6;

/** Draws a scene, RGB: digits of different colors on a plain, shaded or spotted background with some noise. */
export function drawScene(
  digits: ImageSet,
  placed: readonly PlacedDigit[],
  size: number,
  seed: number,
  scene: number,
): Image {
  const random = new Random(seed, scene, LOOKS);
  // Apart, so that the background does not depend on the digits.
  const noise = new Random(seed, scene, LOOKS, 1);
  const brightness = 40 + random.int(176);
  const image = background(brightness, size, random);
  for (const digit of placed) drawDigit(image, digits, digit, brightness, random);
  addNoise(image, noise.int(MOST_NOISE + 1), noise);
  return image;
}

function background(brightness: number, size: number, random: Random): Image {
  const side = 1 + random.int(MOST_PATCHES);
  const mean = colorOf(brightness, random);
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) =>
    toByte(mean[at % 3]! + variation(random)),
  );
  return resize({ pixels, height: side, width: side, channels: 3 }, { height: size, width: size });
}

function drawDigit(
  image: Image,
  digits: ImageSet,
  { index, ink, place }: PlacedDigit,
  brightness: number,
  random: Random,
): void {
  const [least, most] = CONTRAST;
  const contrast = least + random.int(most - least + 1);
  const isDarker = brightness - contrast < 0 ? false : brightness + contrast > 255 || random.int(2) === 0;
  const color = colorOf(isDarker ? brightness - contrast : brightness + contrast, random);
  const mask = resize(crop(imageAt(digits, index), ink), place);
  for (let row = 0; row < place.height; row++) {
    for (let column = 0; column < place.width; column++) {
      const share = mask.pixels[row * place.width + column]! / 255;
      const at = ((place.top + row) * image.width + place.left + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const before = image.pixels[at + channel]!;
        image.pixels[at + channel] = toByte(before + (color[channel]! - before) * share);
      }
    }
  }
}

/** Gray noise of up to `most` levels up and down. */
function addNoise({ pixels }: Image, most: number, random: Random): void {
  for (let at = 0; at < pixels.length; at += 3) {
    const noise = random.int(2 * most + 1) - most;
    for (let channel = at; channel < at + 3; channel++) pixels[channel] = toByte(pixels[channel]! + noise);
  }
}

function colorOf(brightness: number, random: Random): number[] {
  return [0, 1, 2].map(() => brightness + variation(random));
}

function variation(random: Random): number {
  return random.int(2 * VARIATION + 1) - VARIATION;
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
