import type { Random } from '@resnet/backend';
import type { Image } from '../image.js';

/**
 * Makes a varied image of an image. It draws only from `random` and never writes to its input, which may be a
 * view of a data set; it may return the input itself.
 */
export type Transform = (image: Image, random: Random) => Image;

/** One transform that applies the given ones in order. Without any, it changes nothing. */
export function compose(...transforms: Transform[]): Transform {
  return (image, random) => transforms.reduce((current, transform) => transform(current, random), image);
}
