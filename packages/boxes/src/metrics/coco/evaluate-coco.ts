import { checkInteger } from '@resnet/core';
import { byScore } from '../../shared/by-score.js';
import { boxesByClass, valuesOf } from '../shared/boxes-by-class.js';
import { checkImages, type DetectedImage } from '../shared/detected-image.js';
import { mean } from '../shared/mean.js';
import { type ClassMatches, matchClass } from './match-class.js';
import { averageRecall, COCO_RECALLS, precisions } from './precision.js';

export interface CocoOptions {
  /** The name of each class. */
  classes: readonly string[];
  /** Detections of an image and a class that count, those with the highest scores: 100 by default. */
  maxDetections?: number;
}

/**
 * The twelve numbers of COCO, 0 to 1; −1 where there is nothing to find. An object is small up to 32² square pixels, large from 96²
 * on, and those of exactly these areas are medium too.
 */
export interface CocoNumbers {
  /** Average precision: the mean over thresholds of intersection over union from 0.5 to 0.95. */
  ap: number;
  ap50: number;
  ap75: number;
  apSmall: number;
  apMedium: number;
  apLarge: number;
  /** Average recall with one detection of each image and class, with ten, and with `maxDetections`. */
  ar1: number;
  ar10: number;
  ar: number;
  arSmall: number;
  arMedium: number;
  arLarge: number;
}

export interface CocoClass extends CocoNumbers {
  name: string;
  /** Objects to find, crowds aside. */
  truths: number;
  /** Detections that count. */
  detections: number;
  /** Precision at each of `COCO_RECALLS`: the mean over thresholds, at 0.5 and at 0.75; −1 where there is nothing to find. */
  precision: { all: Float64Array; at50: Float64Array; at75: Float64Array };
}

export interface CocoEvaluation extends CocoNumbers {
  /** In the order of `classes`. */
  classes: CocoClass[];
}

/**
 * Compares detections with truths as COCO does, the same numbers as pycocotools prints. Objects that are `difficult` count as all
 * others; crowds need not be found, and any number of detections may lie in one. Classes with nothing to find are left out of the
 * means over classes.
 *
 * @throws OPTION_INVALID, SHAPE_MISMATCH, DATA_INVALID
 */
export function evaluateCoco(
  images: readonly DetectedImage[],
  { classes, maxDetections = 100 }: CocoOptions,
): CocoEvaluation {
  checkInteger('maxDetections', maxDetections, 1);
  checkImages(images, classes);
  const [truths, detections] = [images.map(({ truth }) => truth), images.map((image) => image.detections)];
  const [ofTruths, ofDetections] = [
    boxesByClass(truths, classes.length),
    boxesByClass(detections, classes.length),
  ];
  const results = classes.map((name, label): CocoClass => {
    const found = ofDetections[label]!;
    const order = byScore(valuesOf(found, (image) => detections[image]!.scores));
    const matches = matchClass(images, ofTruths[label]!, found, order, maxDetections);
    return {
      name,
      truths: matches.areas[0]!.truths,
      detections: matches.count,
      ...numbersOf(matches, maxDetections),
    };
  });
  const overall = Object.fromEntries(
    NUMBERS.map((number) => {
      const known = results.map((result) => result[number]).filter((value) => value >= 0);
      return [number, known.length > 0 ? mean(known) : -1];
    }),
  ) as Record<keyof CocoNumbers, number>;
  return { ...overall, classes: results };
}

const NUMBERS = [
  'ap',
  'ap50',
  'ap75',
  'apSmall',
  'apMedium',
  'apLarge',
  'ar1',
  'ar10',
  'ar',
  'arSmall',
  'arMedium',
  'arLarge',
] as const satisfies readonly (keyof CocoNumbers)[];

function numbersOf({ areas, ranks }: ClassMatches, most: number): CocoNumbers & Pick<CocoClass, 'precision'> {
  const rows = areas.map((matches) => (matches.truths > 0 ? precisions(matches) : undefined));
  const [ap, apSmall, apMedium, apLarge] = rows.map((each) => (each ? mean(each.map(mean)) : -1));
  const recall = (area: number, limit: number) =>
    rows[area] ? averageRecall(areas[area]!, ranks, Math.min(limit, most)) : -1;
  const [ar, arSmall, arMedium, arLarge] = areas.map((_, area) => recall(area, most));
  const all = rows[0];
  const none = () => new Float64Array(COCO_RECALLS.length).fill(-1);
  const precision = all
    ? { all: none().map((_, at) => mean(all.map((row) => row[at]!))), at50: all[0]!, at75: all[5]! }
    : { all: none(), at50: none(), at75: none() };
  return {
    ap: ap!,
    ap50: mean(precision.at50),
    ap75: mean(precision.at75),
    apSmall: apSmall!,
    apMedium: apMedium!,
    apLarge: apLarge!,
    ar1: recall(0, 1),
    ar10: recall(0, 10),
    ar: ar!,
    arSmall: arSmall!,
    arMedium: arMedium!,
    arLarge: arLarge!,
    precision,
  };
}
