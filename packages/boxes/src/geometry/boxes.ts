import { ResnetError } from '@resnet/core';

/** Boxes one after another, of each x1, y1, x2, y2 in pixels: continuous coordinates, so that the first pixel reaches from 0 to 1. */
export type Boxes = Float32Array;

/** @throws SHAPE_MISMATCH if the values are not four for each box */
export function countBoxes(what: string, boxes: ArrayLike<number>): number {
  if (boxes.length % 4 === 0) return boxes.length / 4;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `${what} must have four values for each box (x1, y1, x2, y2), found ${boxes.length} values.`,
  );
}

/** @throws SHAPE_MISMATCH if there is not one value for each box */
export function checkCount(what: string, values: ArrayLike<unknown>, boxes: number): void {
  if (values.length === boxes) return;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `${what} must be one for each of ${boxes} boxes, found ${values.length}.`,
  );
}

/** The areas of boxes in float32: 0 or less of boxes that are turned around. */
export function areasOf(boxes: Boxes): Float32Array {
  const areas = new Float32Array(boxes.length / 4);
  for (let index = 0; index < areas.length; index++) {
    const width = Math.fround(boxes[4 * index + 2]! - boxes[4 * index]!);
    areas[index] = width * Math.fround(boxes[4 * index + 3]! - boxes[4 * index + 1]!);
  }
  return areas;
}

/**
 * Moves the sides of boxes into an image, in place. A box outside becomes one of no area on the edge; NaN stays NaN.
 *
 * @param height of the image, in pixels
 * @throws SHAPE_MISMATCH
 */
export function clipBoxes(boxes: Boxes, height: number, width: number): void {
  countBoxes('Boxes', boxes);
  for (let index = 0; index < boxes.length; index += 2) {
    boxes[index] = Math.min(Math.max(boxes[index]!, 0), width);
    boxes[index + 1] = Math.min(Math.max(boxes[index + 1]!, 0), height);
  }
}
