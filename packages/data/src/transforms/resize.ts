import { checkInteger, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import { MOST_PIXELS } from '../images/image-limits.js';
import { resample } from '../images/resampling/resample.js';
import { FILTERS, type ResizeFilter, weightsFor } from '../images/resampling/weights.js';
import { checkRange } from './check-arguments.js';
import { centerRegion, checkRegion, type Region } from './crop.js';
import { madeBy, type Transform } from './transform.js';

export type { ResizeFilter };

export interface ResizeOptions {
  /** 'bilinear' by default. */
  filter?: ResizeFilter;
  /**
   * Whether a smaller image is made of all pixels, as Pillow does; by default it is. Else of those beside each new pixel's center,
   * as torch's `interpolate` does by default, to within one level.
   */
  antialias?: boolean;
}

/**
 * Resizes an image as Pillow's `Image.resize` does, to the same bytes: first horizontally, then vertically,
 * rounding to bytes in between.
 *
 * @throws OPTION_INVALID if a size is not an integer of at least 1, or the result would have more than 100 million pixels
 */
export function resize(
  image: Image,
  size: { height: number; width: number },
  options: ResizeOptions = {},
): Image {
  const { height, width } = size;
  if (height * width > MOST_PIXELS) throw tooLarge('OPTION_INVALID', image, size);
  return resizeWindow(image, size, { top: 0, left: 0, height, width }, options);
}

/** The `window` of the image's `region` resized to `size`, without computing the rest. */
function resizeWindow(
  image: Image,
  size: { height: number; width: number },
  window: Region,
  { filter = 'bilinear', antialias = true }: ResizeOptions,
  region: Region = { top: 0, left: 0, height: image.height, width: image.width },
): Image {
  checkInteger('height', size.height, 1);
  checkInteger('width', size.width, 1);
  if (!Object.hasOwn(FILTERS, filter)) {
    throw new ResnetError('OPTION_INVALID', `filter must be 'bilinear' or 'bicubic', found '${filter}'.`);
  }
  checkRegion({ ...image, ...size }, window);
  const across = weightsFor(region.width, size.width, window.left, window.width, filter, antialias);
  const down = weightsFor(region.height, size.height, window.top, window.height, filter, antialias);
  return resample(image, region, across, down);
}

/**
 * Scales images, with their proportions, to a shorter side of `shorterSide` pixels, as torchvision's `Resize` does with one number;
 * the longer side is rounded down.
 *
 * @throws OPTION_INVALID if the side is not an integer of at least 1; for an image, IMAGE_INVALID if it would have more
 *   than 100 million pixels
 */
export function resizeShorterSide(shorterSide: number, options: ResizeOptions = {}): Transform {
  checkInteger('shorterSide', shorterSide, 1);
  return madeBy('resizeShorterSide', [shorterSide, options], (image) => {
    const size = sizeWithShorterSide(image, shorterSide);
    // An image with a single row becomes a hundred times as wide with a hundred rows.
    if (size.height * size.width > MOST_PIXELS) throw tooLarge('IMAGE_INVALID', image, size);
    return resize(image, size, options);
  });
}

export function tooLarge(
  code: 'IMAGE_INVALID' | 'OPTION_INVALID',
  image: Image,
  { height, width }: { height: number; width: number },
): ResnetError {
  return new ResnetError(
    code,
    `An image can be scaled to at most ${MOST_PIXELS} pixels, and one of ${image.height} x ${image.width} would have ` +
      `${height} x ${width}. Scale it to a smaller side, or leave it out.`,
  );
}

function sizeWithShorterSide({ height, width }: Image, side: number): { height: number; width: number } {
  if (height <= width) return { height: side, width: Math.trunc((side * width) / height) };
  return { height: Math.trunc((side * height) / width), width: side };
}

/**
 * The paper's scale augmentation (Section 3.4): the shorter side is drawn from a range, every integer equally
 * likely, and a random square is cut out. The same as scaling and then cropping, but only the square is computed.
 *
 * @param options.shorterSide the range, both ends included; [256, 480] by default
 * @param options.size of the square's sides, in pixels; 224 by default
 * @throws OPTION_INVALID if an option is out of range
 */
export function randomScaledCrop(
  options: { shorterSide?: readonly [number, number]; size?: number } & ResizeOptions = {},
): Transform {
  const { shorterSide = [256, 480], size = 224 } = options;
  checkInteger('size', size, 1);
  checkRange('shorterSide', shorterSide, size);
  const [shortest, longest] = shorterSide;
  checkInteger('shorterSide', shortest, 1);
  checkInteger('shorterSide', longest, 1);
  return madeBy('randomScaledCrop', [options], (image, random) => {
    const whole = sizeWithShorterSide(image, shortest + random.int(longest - shortest + 1));
    const top = random.int(whole.height - size + 1);
    const left = random.int(whole.width - size + 1);
    return resizeWindow(image, whole, { top, left, height: size, width: size }, options);
  });
}

/**
 * Inception's crop, which is standard today: a random part of the image with a random area and shape, resized to a square. Drawn as torchvision's `RandomResizedCrop` does: after ten parts that don't fit, the largest
 * central one that is neither too wide nor too tall.
 *
 * @param size of the square's sides, in pixels
 * @param options.area the range of the part's share of the image; [0.08, 1] by default
 * @param options.ratio the range of its width by its height; [3/4, 4/3] by default
 * @throws OPTION_INVALID if an option is out of range
 */
export function randomResizedCrop(
  size: number,
  options: { area?: readonly [number, number]; ratio?: readonly [number, number] } & ResizeOptions = {},
): Transform {
  const { area = [0.08, 1], ratio = [3 / 4, 4 / 3] } = options;
  checkInteger('size', size, 1);
  checkRange('area', area, Number.MIN_VALUE);
  checkRange('ratio', ratio, Number.MIN_VALUE);
  const square = { height: size, width: size };
  const between = ([low, high]: readonly [number, number], share: number) => low + (high - low) * share;
  return madeBy('randomResizedCrop', [size, options], (image, random) => {
    let region: Region | undefined;
    for (let attempt = 0; attempt < 10 && !region; attempt++) {
      const pixels = image.height * image.width * between(area, random.uniform());
      const shape = Math.exp(between([Math.log(ratio[0]), Math.log(ratio[1])], random.uniform()));
      const width = Math.round(Math.sqrt(pixels * shape));
      const height = Math.round(Math.sqrt(pixels / shape));
      if (width < 1 || height < 1 || width > image.width || height > image.height) continue;
      const top = random.int(image.height - height + 1);
      const left = random.int(image.width - width + 1);
      region = { top, left, height, width };
    }
    region ??= largestCentral(image, ratio);
    return resizeWindow(image, square, { top: 0, left: 0, ...square }, options, region);
  });
}

function largestCentral(image: Image, [narrowest, widest]: readonly [number, number]): Region {
  const { height, width } = image;
  const shape = width / height;
  if (shape < narrowest) {
    return centerRegion(image, Math.max(1, Math.min(height, Math.round(width / narrowest))), width);
  }
  if (shape > widest) {
    return centerRegion(image, height, Math.max(1, Math.min(width, Math.round(height * widest))));
  }
  return { top: 0, left: 0, height, width };
}

/**
 * The usual crop for tests: scales the shorter side to `shorterSide`, then takes the square in the middle.
 *
 * @throws OPTION_INVALID if a size is not an integer of at least 1 or the square is larger than the scaled image
 */
export function scaledCenterCrop(
  options: { shorterSide?: number; size?: number } & ResizeOptions = {},
): Transform {
  const { shorterSide = 256, size = 224 } = options;
  checkInteger('size', size, 1);
  checkInteger('shorterSide', shorterSide, size);
  return madeBy('scaledCenterCrop', [options], (image) => {
    const whole = sizeWithShorterSide(image, shorterSide);
    return resizeWindow(image, whole, centerRegion({ ...image, ...whole }, size, size), options);
  });
}
