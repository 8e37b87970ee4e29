import { byScore } from '../shared/by-score.js';
import { checkShare } from '../shared/check-share.js';
import { type Boxes, checkCount, countBoxes } from './boxes.js';

/**
 * Non-maximum suppression as torchvision's (`nms_kernel.cpp`): the best boxes, without those that overlap a better one by more than
 * the threshold. Overlaps are computed in float32 and compared as doubles. Equal scores keep their order; a score of NaN counts as
 * the highest, as in PyTorch; a box of NaN overlaps none.
 *
 * @param scores one for each box
 * @param threshold intersection over union, 0 to 1
 * @returns the indices of the boxes that are kept, the highest score first
 * @throws OPTION_INVALID, SHAPE_MISMATCH
 */
export function nms(boxes: Boxes, scores: Float32Array, threshold: number): Int32Array {
  checkInputs(boxes, scores, threshold);
  return suppress(boxes, byScore(scores), threshold);
}

/**
 * The same for each group of boxes by itself, such as those of one class: a box suppresses only others of its group. As torchvision
 * does it above 4,000 values; below, it moves the groups apart, which rounds their coordinates and can decide ties otherwise.
 *
 * @param groups of each box, any integers
 * @returns the indices of the boxes that are kept, over all groups, the highest score first
 * @throws OPTION_INVALID, SHAPE_MISMATCH
 */
export function batchedNms(
  boxes: Boxes,
  scores: Float32Array,
  groups: ArrayLike<number>,
  threshold: number,
): Int32Array {
  checkInputs(boxes, scores, threshold);
  checkCount('Groups', groups, scores.length);
  const order = byScore(scores);
  const members = new Map<number, number[]>();
  for (const index of order) {
    const group = members.get(groups[index]!);
    if (group) group.push(index);
    else members.set(groups[index]!, [index]);
  }
  const isKept = new Uint8Array(scores.length);
  for (const group of members.values()) {
    for (const index of suppress(boxes, Int32Array.from(group), threshold)) isKept[index] = 1;
  }
  return order.filter((index) => isKept[index] === 1);
}

function checkInputs(boxes: Boxes, scores: Float32Array, threshold: number): void {
  checkCount('Scores', scores, countBoxes('Boxes', boxes));
  checkShare('threshold', threshold);
}

/** @param order indices of boxes, the best first */
function suppress(boxes: Boxes, order: Int32Array, threshold: number): Int32Array {
  const count = order.length;
  // In this order and side by side: it is most of the speed.
  const [x1, y1, x2, y2] = [
    sides(boxes, order, 0),
    sides(boxes, order, 1),
    sides(boxes, order, 2),
    sides(boxes, order, 3),
  ];
  const areas = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    areas[at] = Math.fround(x2[at]! - x1[at]!) * Math.fround(y2[at]! - y1[at]!);
  }
  const isSuppressed = new Uint8Array(count);
  for (let best = 0; best < count; best++) {
    if (isSuppressed[best]) continue;
    const [left, top, right, bottom] = [x1[best]!, y1[best]!, x2[best]!, y2[best]!];
    const area = areas[best]!;
    // No overlap is above the shared part of a side. Rounding is far less than this margin, but for areas near 0.
    const share = area > 1e-30 ? threshold * 0.9999 : 0;
    const leastWidth = Math.max(0, share * (right - left));
    const leastHeight = Math.max(0, share * (bottom - top));
    for (let other = best + 1; other < count; other++) {
      if (isSuppressed[other]) continue;
      const width = Math.fround(Math.min(right, x2[other]!) - Math.max(left, x1[other]!));
      if (!(width > leastWidth)) continue;
      const height = Math.fround(Math.min(bottom, y2[other]!) - Math.max(top, y1[other]!));
      if (!(height > leastHeight)) continue;
      const inside = Math.fround(width * height);
      const union = Math.fround(Math.fround(area + areas[other]!) - inside);
      if (Math.fround(inside / union) > threshold) isSuppressed[other] = 1;
    }
  }
  return order.filter((_, at) => isSuppressed[at] === 0);
}

/** A side of each box, 0 for x1 to 3 for y2, in an order. */
function sides(boxes: Boxes, order: Int32Array, side: number): Float32Array {
  const values = new Float32Array(order.length);
  for (let at = 0; at < values.length; at++) values[at] = boxes[4 * order[at]! + side]!;
  return values;
}
