import { checkShare } from '../../shared/check-share.js';
import { checkImages, type DetectedImage } from '../shared/detected-image.js';
import { overlapOf } from '../shared/overlap.js';
import { matchImages, UNMATCHED } from './match-images.js';

export interface MistakesOptions {
  /** The name of each class. */
  classes: readonly string[];
  /** Least intersection over union of a detection with its object: 0.5 by default. */
  threshold?: number;
  /** A detection that overlaps each object less than this has nothing to do with any: 0.1 by default. */
  background?: number;
}

/**
 * What is wrong, as TIDE names it (Bolya et al. 2020), the first that applies:
 *
 * - `localization`: it overlaps an object of its class, from `background` up to `threshold`
 * - `class`: it overlaps an object of another class, by `threshold` or more
 * - `duplicate`: it overlaps an object of its class by `threshold` or more, which another detection took
 * - `background`: it overlaps each object less than `background`
 * - `both`: it overlaps an object of another class, from `background` up to `threshold`
 * - `missed`: an object that no detection found, not even with the wrong class or place
 */
export type MistakeKind = 'localization' | 'class' | 'duplicate' | 'background' | 'both' | 'missed';

/** A detection and its object: indices in their image. */
export interface DetectionMatch {
  /** Index of the image. */
  image: number;
  detection: number;
  truth: number;
  score: number;
  /** Intersection over union. */
  overlap: number;
}

/** A detection that is wrong, or an object that was missed. */
export interface DetectionMistake {
  kind: MistakeKind;
  /** Index of the image. */
  image: number;
  /** Absent for an object that was missed, as its score. */
  detection?: number;
  score?: number;
  /** The object that was missed, or that the detection overlaps; absent for background. */
  truth?: number;
  /** Intersection over union of the detection with that object. */
  overlap?: number;
}

/**
 * Says which detection found which object; of each detection that found none, and of each object that was not found, it says why.
 * Detections are matched as COCO does it. Crowds and difficult objects need not be found; detections of them are in neither list.
 *
 * @returns both by score, the highest first, so that the surest mistakes are the first; missed objects are the last
 * @throws OPTION_INVALID, SHAPE_MISMATCH, DATA_INVALID
 */
export function findMistakes(
  images: readonly DetectedImage[],
  { classes, threshold = 0.5, background = 0.1 }: MistakesOptions,
): { matches: DetectionMatch[]; mistakes: DetectionMistake[] } {
  checkShare('threshold', threshold);
  checkShare('background', background);
  checkImages(images, classes);
  const found = matchImages(images, classes.length, threshold);
  const matches: DetectionMatch[] = [];
  const mistakes: DetectionMistake[] = [];
  const missed: DetectionMistake[] = [];
  for (const [image, each] of images.entries()) {
    const { boxes, labels, scores } = each.detections;
    const isKnown = new Uint8Array(each.truth.labels.length);
    for (let detection = 0; detection < labels.length; detection++) {
      const truth = found[image]![detection]!;
      const score = scores[detection]!;
      if (truth >= 0) {
        const overlap = overlapOf(boxes, 4 * detection, each.truth.boxes, 4 * truth);
        matches.push({ image, detection, truth, score, overlap });
        isKnown[truth] = 1;
      } else if (truth === UNMATCHED) {
        const mistake = explain(each, detection, { threshold, background });
        mistakes.push({ image, detection, score, ...mistake });
        if (mistake.kind === 'class' || mistake.kind === 'localization') isKnown[mistake.truth!] = 1;
      }
    }
    for (const [truth, known] of isKnown.entries()) {
      if (!known && !isOptional(each, truth)) missed.push({ kind: 'missed', image, truth });
    }
  }
  matches.sort((a, b) => b.score - a.score);
  mistakes.sort((a, b) => b.score! - a.score!);
  return { matches, mistakes: mistakes.concat(missed) };
}

function explain(
  { truth, detections }: DetectedImage,
  detection: number,
  { threshold, background }: { threshold: number; background: number },
): Pick<DetectionMistake, 'truth' | 'overlap'> & { kind: MistakeKind } {
  const same = { truth: -1, overlap: 0 };
  const other = { truth: -1, overlap: 0 };
  for (let index = 0; index < truth.labels.length; index++) {
    const overlap = overlapOf(detections.boxes, 4 * detection, truth.boxes, 4 * index);
    const best = truth.labels[index] === detections.labels[detection] ? same : other;
    if (overlap <= best.overlap || isOptional({ truth, detections }, index)) continue;
    best.truth = index;
    best.overlap = overlap;
  }
  const isNear = ({ truth, overlap }: typeof same) => truth >= 0 && overlap >= background;
  if (isNear(same) && same.overlap < threshold) return { kind: 'localization', ...same };
  if (other.truth >= 0 && other.overlap >= threshold) return { kind: 'class', ...other };
  if (same.truth >= 0 && same.overlap >= threshold) return { kind: 'duplicate', ...same };
  return isNear(other) ? { kind: 'both', ...other } : { kind: 'background' };
}

/** Whether an object need not be found. */
function isOptional({ truth }: DetectedImage, index: number): boolean {
  return Boolean(truth.crowd?.[index] || truth.difficult?.[index]);
}
