import { ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';

/** Checks that a range's ends are numbers in order, the lower one no less than `least`. */
export function checkRange(name: string, range: readonly [number, number], least: number): void {
  const [low, high] = range;
  if (range.length === 2 && low >= least && high >= low && Number.isFinite(high)) return;
  throw new ResnetError(
    'OPTION_INVALID',
    `${name} must be two numbers of at least ${least}, the smaller one first, found ${range.join(', ')}.`,
  );
}

export function checkColors(image: Image, work: string): void {
  if (image.channels === 3) return;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `${work} takes RGB images with 3 channels, found ${image.channels}.`,
  );
}
