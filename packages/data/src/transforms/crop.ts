import { checkInteger, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import { mirrored } from './flip.js';
import { madeBy, type Transform } from './transform.js';

/** A part of an image, in pixels. */
export interface Region {
  top: number;
  left: number;
  height: number;
  width: number;
}

/**
 * The crop of Section 4.2 of the paper: pad each side, then cut out a random part of the original size, with
 * every offset equally likely.
 *
 * @param options.padding pixels on each side, 4 by default
 * @param options.fill the color of the border, one number a channel, 0 to 255; black by default
 * @throws OPTION_INVALID if an option is out of range; the transform throws SHAPE_MISMATCH if an image has
 *   another number of channels than the fill
 */
export function padAndCrop(options: { padding?: number; fill?: readonly number[] } = {}): Transform {
  const { padding = 4, fill } = options;
  checkInteger('padding', padding, 0);
  if (fill && !fill.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `fill must hold integers from 0 to 255, found ${fill.join(', ')}.`,
    );
  }
  return madeBy('padAndCrop', [options], (image, random) => {
    const down = random.int(2 * padding + 1) - padding;
    const right = random.int(2 * padding + 1) - padding;
    return shifted(image, down, right, fill);
  });
}

/** A part of the image's size, with its corner moved by `down` and `right`; pixels outside the image are `fill`. */
function shifted(image: Image, down: number, right: number, fill: readonly number[] | undefined): Image {
  const { height, width, channels } = image;
  const pixels = filled(image, fill);
  const firstColumn = Math.max(0, right);
  const columns = width - Math.abs(right);
  const lastRow = Math.min(height, height + down);
  for (let row = Math.max(0, down); row < lastRow && columns > 0; row++) {
    const start = (row * width + firstColumn) * channels;
    const target = ((row - down) * width + firstColumn - right) * channels;
    pixels.set(image.pixels.subarray(start, start + columns * channels), target);
  }
  return { pixels, height, width, channels };
}

function filled({ pixels, channels }: Image, fill: readonly number[] | undefined): Uint8Array {
  const border = new Uint8Array(pixels.length);
  if (!fill) return border;
  if (fill.length !== channels) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `fill must have one number for each of the image's ${channels} channels, found ${fill.length}.`,
    );
  }
  border.set(fill);
  for (let done = channels; done < border.length; done *= 2) border.copyWithin(done, 0, done);
  return border;
}

/**
 * A region of an image, as a copy.
 *
 * @throws OPTION_INVALID if it is not inside the image
 */
export function crop(image: Image, region: Region): Image {
  checkRegion(image, region);
  const { top, left, height, width } = region;
  const { channels } = image;
  const pixels = new Uint8Array(height * width * channels);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * image.width + left) * channels;
    pixels.set(image.pixels.subarray(start, start + width * channels), row * width * channels);
  }
  return { pixels, height, width, channels };
}

export function checkRegion(image: Image, { top, left, height, width }: Region): void {
  const isInside =
    [top, left, height, width].every(Number.isInteger) &&
    Math.min(top, left) >= 0 &&
    Math.min(height, width) >= 1 &&
    top + height <= image.height &&
    left + width <= image.width;
  if (isInside) return;
  throw new ResnetError(
    'OPTION_INVALID',
    `A crop must lie inside the image of ${image.height} x ${image.width}, found ${height} x ${width} from row ` +
      `${top} and column ${left}. Scale the image first.`,
  );
}

/**
 * A random square of the image, every position equally likely.
 *
 * @param size of its sides, in pixels
 * @throws OPTION_INVALID if the size is not an integer of at least 1, or an image is smaller
 */
export function randomCrop(size: number): Transform {
  checkInteger('size', size, 1);
  return madeBy('randomCrop', [size], (image, random) =>
    crop(image, {
      top: random.int(Math.max(0, image.height - size) + 1),
      left: random.int(Math.max(0, image.width - size) + 1),
      height: size,
      width: size,
    }),
  );
}

/**
 * The square in the image's middle, at the position that torchvision's `CenterCrop` takes.
 *
 * @param size of its sides, in pixels
 * @throws OPTION_INVALID if the size is not an integer of at least 1, or an image is smaller
 */
export function centerCrop(size: number): Transform {
  checkInteger('size', size, 1);
  return madeBy('centerCrop', [size], (image) => crop(image, centerRegion(image, size, size)));
}

export function centerRegion(image: Image, height: number, width: number): Region {
  return {
    top: roundHalfToEven((image.height - height) / 2),
    left: roundHalfToEven((image.width - width) / 2),
    height,
    width,
  };
}

/** Rounds as Python does. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The ten crops of the paper's tests (Section 3.4, after AlexNet): the four corners and the middle, then the same of the
 * mirrored image; in torchvision's order.
 *
 * @param size of their sides, in pixels
 * @throws OPTION_INVALID if the size is not an integer of at least 1, or the image is smaller
 */
export function tenCrop(image: Image, size: number): Image[] {
  checkInteger('size', size, 1);
  return [image, mirrored(image)].flatMap((side) => fiveCrop(side, size));
}

function fiveCrop(image: Image, size: number): Image[] {
  const bottom = image.height - size;
  const right = image.width - size;
  const corners = [
    [0, 0],
    [0, right],
    [bottom, 0],
    [bottom, right],
  ] as const;
  const crops = corners.map(([top, left]) => crop(image, { top, left, height: size, width: size }));
  return [...crops, crop(image, centerRegion(image, size, size))];
}
