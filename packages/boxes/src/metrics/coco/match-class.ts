import { bestMatch, Candidates } from '../shared/best-match.js';
import { type ClassBoxes, flagsOf, imageStarts, valuesOf } from '../shared/boxes-by-class.js';
import type { DetectedImage } from '../shared/detected-image.js';
import { areaOf } from '../shared/overlap.js';

/** `numpy.linspace(0.5, 0.95, 10)`, to the last bit. */
export const THRESHOLDS = Float64Array.from({ length: 10 }, (_, index) =>
  index === 9 ? 0.95 : index * ((0.95 - 0.5) / 9) + 0.5,
);

/** Areas in square pixels, the ends included: all, small, medium, large. */
export const AREAS = [
  [0, 1e10],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e10],
] as const;

/** What a detection is at a threshold. */
export const FALSE = 0;
export const TRUE = 1;
export const IGNORED = 2;

/** The matches of a class within a range of areas. */
export interface AreaMatches {
  /** The truths that should be found. */
  truths: number;
  /** `FALSE`, `TRUE` or `IGNORED`: a row for each threshold, of the detections by score. */
  states: Uint8Array;
}

export interface ClassMatches {
  /** The detections that count, those with the highest scores first. */
  count: number;
  /** How many of its image and class have higher scores. */
  ranks: Int32Array;
  /** For each of `AREAS`. */
  areas: AreaMatches[];
}

/** @param order of the detections by score */
export function matchClass(
  images: readonly DetectedImage[],
  truths: ClassBoxes,
  detections: ClassBoxes,
  order: Int32Array,
  maxDetections: number,
): ClassMatches {
  const { kept, ranks } = keepBest(detections, order, maxDetections, images.length);
  const crowd = flagsOf(truths, (image) => images[image]!.truth.crowd);
  const truthAreas = valuesOf(truths, (image) => images[image]!.truth.areas);
  for (let truth = 0; truth < crowd.length; truth++) {
    if (!images[truths.images[truth]!]!.truth.areas) truthAreas[truth] = areaOf(truths.boxes, 4 * truth);
  }
  const ranges = AREAS.map(([least, most]) => {
    const ignored = crowd.map((value, truth) => {
      const area = truthAreas[truth]!;
      return value || area < least || area > most ? 1 : 0;
    });
    const states = new Uint8Array(THRESHOLDS.length * kept.length);
    const matched = { boxes: truths.boxes, crowd, ignored, taken: new Uint16Array(crowd.length) };
    return { least, most, matched, states, truths: ignored.filter((value) => value === 0).length };
  });
  const starts = imageStarts(truths, images.length);
  const candidates = new Candidates();
  for (let column = 0; column < kept.length; column++) {
    const detection = kept[column]!;
    const image = detections.images[detection]!;
    const range = { from: starts[image]!, to: starts[image + 1]! };
    candidates.find({ boxes: truths.boxes, crowd }, range, detections.boxes, detection, THRESHOLDS[0]!);
    const area = areaOf(detections.boxes, 4 * detection);
    for (const { least, most, matched, states } of ranges) {
      const unmatched = area < least || area > most ? IGNORED : FALSE;
      for (let row = 0; row < THRESHOLDS.length; row++) {
        const truth = bestMatch(candidates, matched, THRESHOLDS[row]!, 1 << row);
        if (truth >= 0) matched.taken[truth]! |= 1 << row;
        const state = truth < 0 ? unmatched : matched.ignored[truth] ? IGNORED : TRUE;
        states[row * kept.length + column] = state;
      }
    }
  }
  return { count: kept.length, ranks, areas: ranges.map(({ truths, states }) => ({ truths, states })) };
}

/** The best detections of each image, in the order of all scores. */
function keepBest({ images }: ClassBoxes, order: Int32Array, most: number, imageCount: number) {
  const ofImages = new Int32Array(imageCount);
  const all = new Int32Array(order.length);
  for (const detection of order) all[detection] = ofImages[images[detection]!]!++;
  const kept = order.filter((detection) => all[detection]! < most);
  return { kept, ranks: kept.map((detection) => all[detection]!) };
}
