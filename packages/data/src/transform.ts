import { type Random, ResnetError } from '@resnet/backend';
import type { Image } from './image.js';

/**
 * Makes a varied image of an image. It draws only from `random` and never writes to its input, which may be a
 * view of a data set; it may return the input itself.
 */
export type Transform = (image: Image, random: Random) => Image;

/**
 * The crop of Section 4.2 of the paper: pad each side, then cut out a random part of the original size, every
 * offset equally likely.
 *
 * @param options.padding pixels on each side, 4 by default
 * @param options.fill the colour of the border, one number a channel, 0 to 255; black by default
 * @throws OPTION_INVALID if an option is out of range; the transform throws SHAPE_MISMATCH if an image has
 *   another number of channels than the fill
 */
export function padAndCrop(options: { padding?: number; fill?: readonly number[] } = {}): Transform {
  const { padding = 4, fill } = options;
  if (!Number.isInteger(padding) || padding < 0) {
    throw new ResnetError('OPTION_INVALID', `padding must be an integer of at least 0, found ${padding}.`);
  }
  if (fill && !fill.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `fill must hold integers from 0 to 255, found ${fill.join(', ')}.`,
    );
  }
  return (image, random) => {
    const down = random.int(2 * padding + 1) - padding;
    const right = random.int(2 * padding + 1) - padding;
    return shifted(image, down, right, fill);
  };
}

/** The part of an image's size that starts `down` and `right` of its corner; what lies outside is `fill`. */
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

/** Mirrors left and right with probability 1/2 (Section 4.2 of the paper). */
export function horizontalFlip(): Transform {
  return (image, random) => (random.uniform() < 0.5 ? mirrored(image) : image);
}

function mirrored({ pixels, height, width, channels }: Image): Image {
  const flipped = new Uint8Array(pixels.length);
  const rowBytes = width * channels;
  for (let row = 0; row < pixels.length; row += rowBytes) {
    for (let left = 0; left < rowBytes; left += channels) {
      const right = rowBytes - channels - left;
      for (let channel = 0; channel < channels; channel++) {
        flipped[row + left + channel] = pixels[row + right + channel]!;
      }
    }
  }
  return { pixels: flipped, height, width, channels };
}

/** One transform that applies the given ones in order. Without any, it changes nothing. */
export function compose(...transforms: Transform[]): Transform {
  return (image, random) => transforms.reduce((current, transform) => transform(current, random), image);
}

/**
 * The paper's augmentation for CIFAR-10 (Section 4.2): 4 pixels of padding, a random crop, a random flip.
 *
 * @param fill the colour of the border, one number a channel, 0 to 255; black by default
 * @throws OPTION_INVALID if the fill is out of range
 */
export function cifarAugmentation(fill?: readonly number[]): Transform {
  return compose(padAndCrop(fill && { fill }), horizontalFlip());
}
