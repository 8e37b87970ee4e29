import { ResnetError } from '@resnet/core';

/** The objects of an image, as they are known. */
export interface ImageTruth {
  /** x1, y1, x2, y2 of each in pixels: continuous coordinates, so that the first pixel reaches from 0 to 1. */
  boxes: ArrayLike<number>;
  /** The class of each: an index in `classes`, from 0. */
  labels: ArrayLike<number>;
  /** 1 for boxes around many objects, which COCO calls `iscrowd`. */
  crowd?: ArrayLike<number> | undefined;
  /** 1 for objects that need not be found, as in PASCAL VOC. */
  difficult?: ArrayLike<number> | undefined;
  /** Area of each object in square pixels, by which COCO calls it small, medium or large; without them, those of the boxes. */
  areas?: ArrayLike<number> | undefined;
}

/** What a detector found in an image, in any order. */
export interface ImageDetections {
  /** x1, y1, x2, y2 of each in pixels, as those of the truth. */
  boxes: ArrayLike<number>;
  /** The class of each: an index in `classes`, from 0. None is for the background. */
  labels: ArrayLike<number>;
  /** Any finite numbers, higher for those that are surer. */
  scores: ArrayLike<number>;
}

export interface DetectedImage {
  truth: ImageTruth;
  detections: ImageDetections;
  /** For messages. */
  name?: string | undefined;
}

/**
 * @throws OPTION_INVALID without classes; SHAPE_MISMATCH if values are missing; DATA_INVALID for boxes, labels, areas and scores that
 * can't be, naming the image and the box
 */
export function checkImages(images: readonly DetectedImage[], classes: readonly string[]): void {
  if (classes.length === 0) {
    throw new ResnetError('OPTION_INVALID', 'classes must have the name of each class, found none.');
  }
  for (const [index, { truth, detections }] of images.entries()) {
    const image = describeImage(images, index);
    checkBoxes(`truth of ${image}`, truth, classes.length);
    checkBoxes(`detections of ${image}`, detections, classes.length);
    for (const field of ['crowd', 'difficult', 'areas'] as const) {
      if (truth[field]) checkLength(field, `truth of ${image}`, truth[field], truth.labels.length);
    }
    const { scores, labels } = detections;
    checkLength('scores', `detections of ${image}`, scores, labels.length);
    checkEach('score', `detections of ${image}`, scores, 'a finite number', Number.isFinite);
    if (truth.areas) {
      checkEach('area', `truth of ${image}`, truth.areas, 'a number of at least 0', (area) => area >= 0);
    }
  }
}

export function describeImage(images: readonly DetectedImage[], index: number): string {
  const { name } = images[index]!;
  return name === undefined ? `image ${index}` : `image ${index} ('${name}')`;
}

function checkBoxes(what: string, { boxes, labels }: ImageDetections | ImageTruth, classes: number): void {
  checkLength('values of boxes, four for each label,', what, boxes, 4 * labels.length);
  const expected = `an integer from 0 to ${classes - 1}, the index of its class`;
  checkEach(
    'label',
    what,
    labels,
    expected,
    (label) => Number.isInteger(label) && 0 <= label && label < classes,
  );
  for (let at = 0; at < boxes.length; at += 4) {
    const width = boxes[at + 2]! - boxes[at]!;
    const height = boxes[at + 3]! - boxes[at + 1]!;
    if (width >= 0 && height >= 0 && width * height < Number.POSITIVE_INFINITY) continue;
    const found = [0, 1, 2, 3].map((value) => boxes[at + value]).join(', ');
    throw new ResnetError(
      'DATA_INVALID',
      `Box ${at / 4} in the ${what} must be finite x1, y1, x2, y2 with x1 ≤ x2 and y1 ≤ y2, found ${found}. ` +
        'Where boxes are x, y, width, height, add x to the width and y to the height.',
    );
  }
}

function checkLength(values: string, what: string, found: ArrayLike<number>, expected: number): void {
  if (found.length === expected) return;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `There must be ${expected} ${values} in the ${what}, found ${found.length}.`,
  );
}

function checkEach(
  value: string,
  what: string,
  values: ArrayLike<number>,
  expected: string,
  isValid: (value: number) => boolean,
): void {
  for (let index = 0; index < values.length; index++) {
    if (isValid(values[index]!)) continue;
    throw new ResnetError(
      'DATA_INVALID',
      `The ${value} of box ${index} in the ${what} must be ${expected}, found ${values[index]}.`,
    );
  }
}
