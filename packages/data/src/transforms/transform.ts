import type { Random } from '@resnet/core';
import type { Image } from '../images/image.js';

/**
 * Transforms an image. It draws only from `random` and never writes to its input, which may be a view of a data set; it may
 * return the input itself.
 */
export interface Transform {
  (image: Image, random: Random): Image;
  /** How it was made, if workers can make it again. All transforms of this package have it. */
  readonly origin?: Origin;
}

/** A call that workers can repeat. */
export interface Origin {
  /** The function's name. */
  maker: string;
  /** What it was called with: plain data, or transforms that have an origin themselves. */
  options: readonly unknown[];
  /** The URL of the module that exports it; this package by default. */
  module?: string;
}

/** Records in a transform, or a way of mixing, how it was made. */
export function madeBy<Made extends object>(maker: string, options: readonly unknown[], made: Made): Made {
  return Object.assign(made, { origin: { maker, options } });
}

/** One transform that applies the given ones in order. Without any, it changes nothing. */
export function compose(...transforms: Transform[]): Transform {
  return madeBy('compose', transforms, (image, random) =>
    transforms.reduce((current, transform) => transform(current, random), image),
  );
}
