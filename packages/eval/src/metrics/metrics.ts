import { checkInteger } from '@resnet/core';
import type { Evaluation } from '../evaluation/evaluation.js';

/**
 * Images whose label is not among the k highest scores.
 *
 * @throws OPTION_INVALID if k is not an integer of at least 1
 */
export function topErrors({ ranks }: Evaluation, k: number): number {
  checkInteger('k', k, 1);
  return ranks.slice(k).reduce((total, count) => total + count, 0);
}

/** The 97.5 % quantile of the normal distribution. */
const QUANTILE = 1.959963984540054;

/**
 * The 95 % confidence interval of an error, by Wilson's score, which holds for few images and small errors too.
 *
 * @returns shares, 0 to 1
 */
export function errorInterval(errors: number, count: number): [low: number, high: number] {
  const share = errors / count;
  const square = QUANTILE ** 2;
  const center = share + square / (2 * count);
  const moments = QUANTILE * Math.sqrt((share * (1 - share)) / count + square / (4 * count ** 2));
  const scale = 1 + square / count;
  // Rounding must not leave 0 or 1 outside where there is no error, or nothing else.
  return [errors === 0 ? 0 : (center - moments) / scale, errors === count ? 1 : (center + moments) / scale];
}

/** Of one class. */
export interface ClassErrors {
  label: number;
  /** Images with this label. */
  count: number;
  top1Errors: number;
}

/** The errors of each class that has images, in the order of the classes. */
export function classErrors({ confusions }: Evaluation): ClassErrors[] {
  const found = new Map<number, ClassErrors>();
  for (const [label, predicted, count] of confusions) {
    const entry = found.get(label) ?? { label, count: 0, top1Errors: 0 };
    entry.count += count;
    if (predicted !== label) entry.top1Errors += count;
    found.set(label, entry);
  }
  return [...found.values()].sort((a, b) => a.label - b.label);
}

/** @returns images by label and predicted class, row by row: `classes * classes` counts */
export function confusionMatrix({ confusions, classes }: Evaluation): Uint32Array {
  const matrix = new Uint32Array(classes * classes);
  for (const [label, predicted, count] of confusions) matrix[label * classes + predicted] = count;
  return matrix;
}

/**
 * The expected calibration error (Guo et al., "On Calibration of Modern Neural Networks"): how far the probability of the
 * predicted class is from the share of right predictions, averaged over bins by their images.
 *
 * @returns 0 to 1
 */
export function calibrationError({ calibration, count }: Evaluation): number {
  const gaps = calibration.map(({ right, probabilitySum }) => Math.abs(probabilitySum - right));
  return gaps.reduce((total, gap) => total + gap, 0) / count;
}
