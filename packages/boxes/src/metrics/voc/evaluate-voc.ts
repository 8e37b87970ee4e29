import { ResnetError } from '@resnet/core';
import { byScore } from '../../shared/by-score.js';
import { checkShare } from '../../shared/check-share.js';
import { boxesByClass, type ClassBoxes, flagsOf, imageStarts, valuesOf } from '../shared/boxes-by-class.js';
import { checkImages, type DetectedImage } from '../shared/detected-image.js';
import { mean } from '../shared/mean.js';
import { overlapOf } from '../shared/overlap.js';

export interface VocOptions {
  /** The name of each class. */
  classes: readonly string[];
  /** '2007': mean precision at 11 recalls. '2010', as VOC counts since then: the area under the curve. */
  kind: '2007' | '2010';
  /** Intersection over union that a detection must exceed: 0.5 by default. */
  threshold?: number;
}

export interface VocClass {
  name: string;
  /** Objects to find: those that are not difficult. */
  truths: number;
  detections: number;
  /** Average precision, 0 to 1; −1 where there is nothing to find. */
  ap: number;
  /** After each detection, the highest score first; empty where there is nothing to find. */
  precision: Float64Array;
  /** As `precision`, the share of objects that are found. */
  recall: Float64Array;
}

export interface VocEvaluation {
  /** Mean of the classes with something to find; −1 if there are none. */
  map: number;
  /** In the order of `classes`. */
  classes: VocClass[];
}

/**
 * Compares detections with truths as PASCAL VOC does. A detection takes the object of its class that it overlaps most, and is false
 * if another one took that before. Difficult objects need not be found, and what is found of them does not count. Crowds are objects
 * like others.
 *
 * VOC's rule adds 1 to widths, since its boxes name their first and last pixel. Boxes here are continuous, (xmin − 1, ymin − 1, xmax,
 * ymax) of VOC's, so that widths are the same without.
 *
 * @throws OPTION_INVALID, SHAPE_MISMATCH, DATA_INVALID
 */
export function evaluateVoc(
  images: readonly DetectedImage[],
  { classes, kind, threshold = 0.5 }: VocOptions,
): VocEvaluation {
  if (kind !== '2007' && kind !== '2010') {
    throw new ResnetError('OPTION_INVALID', `kind must be '2007' or '2010', found '${kind}'.`);
  }
  checkShare('threshold', threshold);
  checkImages(images, classes);
  const truths = boxesByClass(
    images.map(({ truth }) => truth),
    classes.length,
  );
  const detections = boxesByClass(
    images.map((image) => image.detections),
    classes.length,
  );
  const results = classes.map((name, label): VocClass => {
    const found = detections[label]!;
    const { wanted, precision, recall } = curve(images, truths[label]!, found, threshold);
    const ap =
      wanted === 0 ? -1 : kind === '2007' ? elevenPoints(precision, recall) : area(precision, recall);
    return { name, truths: wanted, detections: found.indices.length, ap, precision, recall };
  });
  const known = results.filter(({ ap }) => ap >= 0);
  return { map: known.length > 0 ? mean(known.map(({ ap }) => ap)) : -1, classes: results };
}

function curve(
  images: readonly DetectedImage[],
  truths: ClassBoxes,
  detections: ClassBoxes,
  threshold: number,
) {
  const difficult = flagsOf(truths, (image) => images[image]!.truth.difficult);
  const wanted = difficult.filter((value) => !value).length;
  const order = byScore(valuesOf(detections, (image) => images[image]!.detections.scores));
  const length = wanted === 0 ? 0 : order.length;
  const [precision, recall] = [new Float64Array(length), new Float64Array(length)];
  const starts = imageStarts(truths, images.length);
  const taken = new Uint8Array(difficult.length);
  let [right, wrong] = [0, 0];
  for (let index = 0; index < length; index++) {
    const detection = order[index]!;
    const image = detections.images[detection]!;
    let [most, best] = [threshold, -1];
    for (let truth = starts[image]!; truth < starts[image + 1]!; truth++) {
      const overlap = overlapOf(detections.boxes, 4 * detection, truths.boxes, 4 * truth);
      if (overlap > most) [most, best] = [overlap, truth];
    }
    if (best < 0 || (!difficult[best] && taken[best])) wrong++;
    else if (!difficult[best]) {
      right++;
      taken[best] = 1;
    }
    precision[index] = right / Math.max(right + wrong, Number.EPSILON);
    recall[index] = right / wanted;
  }
  return { wanted, precision, recall };
}

/** The recalls are `numpy.arange(0, 1.1, 0.1)`, to the last bit: some are above tenths. */
function elevenPoints(precision: Float64Array, recall: Float64Array): number {
  let sum = 0;
  for (let point = 0; point <= 10; point++) {
    let highest = 0;
    for (let index = recall.length - 1; index >= 0 && recall[index]! >= point * 0.1; index--) {
      highest = Math.max(highest, precision[index]!);
    }
    sum += highest / 11;
  }
  return sum;
}

/** The area under the highest precision at each recall or above. */
function area(precision: Float64Array, recall: Float64Array): number {
  let [sum, highest] = [0, 0];
  for (let index = recall.length - 1; index >= 0; index--) {
    highest = Math.max(highest, precision[index]!);
    sum += (recall[index]! - (recall[index - 1] ?? 0)) * highest;
  }
  return sum;
}
