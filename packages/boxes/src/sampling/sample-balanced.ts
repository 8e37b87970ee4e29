import { checkInteger, type Random } from '@resnet/core';
import { checkShare } from '../shared/check-share.js';

export interface BalancedConfig {
  /** Examples in all. */
  count: number;
  /** The largest share of positive ones, 0 to 1. */
  positiveShare: number;
  random: Random;
}

/**
 * Draws positive and negative examples, as torchvision's `BalancedPositiveNegativeSampler` does: as many positive ones as there are, up to
 * their share, and negative ones for the rest.
 *
 * @param labels 1 or more for positive examples, 0 for negative ones, below 0 for those that are neither
 * @returns their indices, in rising order; fewer than `count` if there are not as many
 * @throws OPTION_INVALID
 */
export function sampleBalanced(
  labels: ArrayLike<number>,
  { count, positiveShare, random }: BalancedConfig,
): { positive: Int32Array; negative: Int32Array } {
  checkInteger('count', count, 0);
  checkShare('positiveShare', positiveShare);
  const positive: number[] = [];
  const negative: number[] = [];
  for (let index = 0; index < labels.length; index++) {
    if (labels[index]! >= 1) positive.push(index);
    else if (labels[index] === 0) negative.push(index);
  }
  const chosen = drawn(positive, Math.floor(count * positiveShare), random);
  return { positive: chosen, negative: drawn(negative, count - chosen.length, random) };
}

/** Draws without replacement: the first steps of Fisher and Yates's shuffle. */
function drawn(from: number[], count: number, random: Random): Int32Array {
  const most = Math.min(count, from.length);
  for (let index = 0; index < most; index++) {
    const other = index + random.int(from.length - index);
    const value = from[index]!;
    from[index] = from[other]!;
    from[other] = value;
  }
  return Int32Array.from(from.slice(0, most)).sort();
}
