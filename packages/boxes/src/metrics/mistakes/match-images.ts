import { byScore } from '../../shared/by-score.js';
import { bestMatch, Candidates } from '../shared/best-match.js';
import { boxesByClass, flagsOf, imageStarts, valuesOf } from '../shared/boxes-by-class.js';
import type { DetectedImage } from '../shared/detected-image.js';

/** Detections whose objects need not be found, and those without any. */
export const IGNORED = -1;
export const UNMATCHED = -2;

/**
 * Matches the detections of each image with objects of their classes, as COCO does it.
 *
 * @returns for each image the index of each detection's object, or `IGNORED`, or `UNMATCHED`
 */
export function matchImages(
  images: readonly DetectedImage[],
  classes: number,
  threshold: number,
): Int32Array[] {
  const found = images.map(({ detections }) => new Int32Array(detections.labels.length).fill(UNMATCHED));
  const allTruths = boxesByClass(
    images.map(({ truth }) => truth),
    classes,
  );
  const allDetections = boxesByClass(
    images.map(({ detections }) => detections),
    classes,
  );
  const candidates = new Candidates();
  for (const [label, detections] of allDetections.entries()) {
    const truths = allTruths[label]!;
    const starts = imageStarts(truths, images.length);
    const crowd = flagsOf(truths, (image) => images[image]!.truth.crowd);
    const difficult = flagsOf(truths, (image) => images[image]!.truth.difficult);
    const ignored = crowd.map((value, truth) => value | difficult[truth]!);
    const matched = { boxes: truths.boxes, crowd, ignored, taken: new Uint16Array(crowd.length) };
    for (const detection of byScore(valuesOf(detections, (image) => images[image]!.detections.scores))) {
      const image = detections.images[detection]!;
      const range = { from: starts[image]!, to: starts[image + 1]! };
      candidates.find(matched, range, detections.boxes, detection, Math.min(threshold, 1 - 1e-10));
      const truth = bestMatch(candidates, matched, threshold, 1);
      if (truth < 0) continue;
      matched.taken[truth] = 1;
      found[image]![detections.indices[detection]!] = ignored[truth] ? IGNORED : truths.indices[truth]!;
    }
  }
  return found;
}
