import { checkInteger, ResnetError } from '@resnet/core';
import { byScore } from '../../shared/by-score.js';
import { checkShare } from '../../shared/check-share.js';
import { checkImages, type DetectedImage, describeImage } from '../shared/detected-image.js';
import { overlapOf } from '../shared/overlap.js';

export interface LocalizationOptions {
  /** The name of each class. */
  classes: readonly string[];
  /** Guesses of each image that count, those with the highest scores: 5 by default. */
  guesses?: number;
  /** Least intersection over union with an object: 0.5 by default. */
  threshold?: number;
}

export interface LocalizationErrors {
  /** Images. */
  count: number;
  /** Images without a guess of the right class and place. */
  errors: number;
  /** The same images' share of all, 0 to 1; −1 without images. */
  error: number;
  /** Images without a guess of the right class, wherever. */
  classErrors: number;
}

/**
 * The localization error of ImageNet, which the paper's Appendix C reports. An image is right if one of at most five guesses has its
 * class and overlaps one of its boxes of that class.
 *
 * @throws OPTION_INVALID; SHAPE_MISMATCH; DATA_INVALID, also for an image without boxes
 */
export function localizationError(
  images: readonly DetectedImage[],
  { classes, guesses = 5, threshold = 0.5 }: LocalizationOptions,
): LocalizationErrors {
  checkInteger('guesses', guesses, 1);
  checkShare('threshold', threshold);
  checkImages(images, classes);
  let [errors, classErrors] = [0, 0];
  for (const [index, { truth, detections }] of images.entries()) {
    if (truth.labels.length === 0) {
      throw new ResnetError(
        'DATA_INVALID',
        `The truth of ${describeImage(images, index)} must have a box, found none. Leave out images without objects.`,
      );
    }
    const best = byScore(detections.scores).subarray(0, guesses);
    let [hasClass, hasPlace] = [false, false];
    for (const guess of best) {
      for (let object = 0; object < truth.labels.length; object++) {
        if (truth.labels[object] !== detections.labels[guess]) continue;
        hasClass = true;
        if (overlapOf(detections.boxes, 4 * guess, truth.boxes, 4 * object) >= threshold) hasPlace = true;
      }
    }
    if (!hasClass) classErrors++;
    if (!hasPlace) errors++;
  }
  const count = images.length;
  return { count, errors, error: count > 0 ? errors / count : -1, classErrors };
}
