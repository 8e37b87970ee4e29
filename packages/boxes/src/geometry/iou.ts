import { areasOf, type Boxes, countBoxes } from './boxes.js';

/**
 * How much boxes overlap: intersection over union of every box of `a` with every one of `b`, in float32 as torchvision's `box_iou`
 * computes it. NaN for two boxes of no area, wherever they are, and for boxes of NaN.
 *
 * @returns [a, b], row by row
 * @throws SHAPE_MISMATCH
 */
export function boxIou(a: Boxes, b: Boxes): Float32Array {
  const [rows, columns] = [countBoxes('The first boxes', a), countBoxes('The second boxes', b)];
  const [areasA, areasB] = [areasOf(a), areasOf(b)];
  const overlaps = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const inside = intersection(a, 4 * row, b, 4 * column);
      const union = Math.fround(Math.fround(areasA[row]! + areasB[column]!) - inside);
      overlaps[row * columns + column] = inside / union;
    }
  }
  return overlaps;
}

/** The area, in float32, that two boxes share. @param i index of the first value of the box in `a` */
export function intersection(a: Boxes, i: number, b: Boxes, j: number): number {
  const width = Math.fround(Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!));
  const height = Math.fround(Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!));
  return Math.fround(Math.max(width, 0) * Math.max(height, 0));
}
