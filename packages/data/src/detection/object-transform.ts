import { type Random, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import { madeBy, type Origin, type Transform } from '../transforms/transform.js';
import type { ImageObjects } from './detection-dataset.js';

/** An image with its objects. */
export interface ObjectImage {
  image: Image;
  /** Boxes in pixels of this image. */
  objects: ImageObjects;
}

/**
 * Transforms an image and its boxes. It draws only from `random` and never writes to its input, which may be a view of a data set;
 * it may return the input itself, or parts of it.
 */
export interface ObjectTransform {
  (input: ObjectImage, random: Random): ObjectImage;
  /** How it was made. All transforms of this package have it. */
  readonly origin?: Origin;
}

/** One transform that applies the given ones in order. Without any, it changes nothing. */
export function composeObjects(...transforms: ObjectTransform[]): ObjectTransform {
  return madeBy('composeObjects', transforms, (input, random) =>
    transforms.reduce((current, transform) => transform(current, random), input),
  );
}

/** Transforms of this package that move pixels. */
const MOVING = new Set([
  ...['centerCrop', 'horizontalFlip', 'padAndCrop', 'randAugment', 'randomCrop', 'randomResizedCrop'],
  ...['randomScaledCrop', 'resizeShorterSide', 'scaledCenterCrop', 'trivialAugment'],
]);

/**
 * Applies a transform that moves no pixels, such as `colorJitter`, to the image alone.
 *
 * @throws OPTION_INVALID for a transform of this package that moves pixels; SHAPE_MISMATCH from the transform if a custom one
 *   changes the image's size
 */
export function imageOnly(transform: Transform): ObjectTransform {
  checkStill(transform);
  return madeBy('imageOnly', [transform], ({ image, objects }, random) => {
    const changed = transform(image, random);
    if (changed.height === image.height && changed.width === image.width) return { image: changed, objects };
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `A transform of the image alone must keep its size of ${image.height} x ${image.width}, or boxes no longer fit, found ` +
        `${changed.height} x ${changed.width}.`,
    );
  });
}

function checkStill({ origin }: Transform): void {
  if (!origin) return;
  if (origin.module === undefined && MOVING.has(origin.maker)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `A transform of the image alone must not move pixels, or boxes no longer fit, found ${origin.maker}. Use flipObjects, ` +
        'resizeObjects or cropObjects.',
    );
  }
  for (const option of origin.options) if (typeof option === 'function') checkStill(option as Transform);
}
