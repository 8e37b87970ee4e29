import { mean } from '../shared/mean.js';
import { type AreaMatches, IGNORED, THRESHOLDS, TRUE } from './match-class.js';

/** Recalls at which precision is read: `numpy.linspace(0, 1, 101)`, to the last bit. */
export const COCO_RECALLS: Float64Array = Float64Array.from({ length: 101 }, (_, index) =>
  index === 100 ? 1 : index * 0.01,
);

/**
 * Precision at each of `COCO_RECALLS` at each threshold, as pycocotools' `accumulate` interpolates it: the highest at that recall or
 * above, 0 where that recall is not reached.
 *
 * @returns a row for each threshold
 */
export function precisions({ truths, states }: AreaMatches): Float64Array[] {
  const count = states.length / THRESHOLDS.length;
  const found = new Float64Array(Math.min(truths, count));
  return Array.from(THRESHOLDS, (_, row) => {
    let [right, wrong] = [0, 0];
    for (let column = row * count; column < (row + 1) * count; column++) {
      const state = states[column]!;
      if (state === TRUE) {
        right++;
        found[right - 1] = right / (right + wrong + Number.EPSILON);
      } else if (state !== IGNORED) wrong++;
    }
    for (let index = right - 1; index > 0; index--) {
      if (found[index]! > found[index - 1]!) found[index - 1] = found[index]!;
    }
    let index = 0;
    return COCO_RECALLS.map((recall) => {
      while (index < right && (index + 1) / truths < recall) index++;
      return index < right ? found[index]! : 0;
    });
  });
}

/** The share of truths that are found, the mean over thresholds, among the detections of each image with ranks below `most`. */
export function averageRecall({ truths, states }: AreaMatches, ranks: Int32Array, most: number): number {
  const found = new Float64Array(THRESHOLDS.length);
  for (let row = 0; row < found.length; row++) {
    for (let column = 0; column < ranks.length; column++) {
      if (states[row * ranks.length + column] === TRUE && ranks[column]! < most) found[row]!++;
    }
  }
  return mean(found.map((right) => right / truths));
}
