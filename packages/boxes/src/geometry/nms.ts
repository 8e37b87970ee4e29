import { areasOf, type Boxes, checkCount, countBoxes } from './boxes.js';
import { intersection } from './iou.js';

/**
 * Non-maximum suppression as torchvision's (`nms_kernel.cpp`): the best boxes, without those that overlap a better one by more than
 * the threshold. Overlaps are computed in float32 and compared as doubles. Equal scores keep their order; a score of NaN counts as
 * the highest, as in PyTorch; a box of NaN overlaps none.
 *
 * @param scores one for each box
 * @param threshold intersection over union, 0 to 1
 * @returns the indices of the boxes that are kept, the highest score first
 * @throws SHAPE_MISMATCH
 */
export function nms(boxes: Boxes, scores: Float32Array, threshold: number): Int32Array {
  const count = countBoxes('Boxes', boxes);
  checkCount('Scores', scores, count);
  return suppress(boxes, byScore(scores, Int32Array.from(scores.keys())), threshold);
}

/**
 * The same for each group of boxes by itself, such as those of one class: a box suppresses only others of its group. As torchvision
 * does it above 4,000 values; below, it moves the groups apart, which rounds their coordinates and can decide ties otherwise.
 *
 * @param groups of each box, any integers
 * @returns the indices of the boxes that are kept, over all groups, the highest score first
 * @throws SHAPE_MISMATCH
 */
export function batchedNms(
  boxes: Boxes,
  scores: Float32Array,
  groups: ArrayLike<number>,
  threshold: number,
): Int32Array {
  const count = countBoxes('Boxes', boxes);
  checkCount('Scores', scores, count);
  checkCount('Groups', groups, count);
  const members = new Map<number, number[]>();
  for (let index = 0; index < count; index++) {
    const group = members.get(groups[index]!);
    if (group) group.push(index);
    else members.set(groups[index]!, [index]);
  }
  const kept = [...members.values()].flatMap((group) => [
    ...suppress(boxes, byScore(scores, Int32Array.from(group)), threshold),
  ]);
  return byScore(scores, Int32Array.from(kept).sort());
}

/** Sorts indices, in place: the highest score first, equal ones by index. */
function byScore(scores: Float32Array, indices: Int32Array): Int32Array {
  return indices.sort((a, b) => {
    const [first, second] = [scores[a]!, scores[b]!];
    if (first !== second && !(Number.isNaN(first) && Number.isNaN(second))) {
      if (Number.isNaN(first)) return -1;
      if (Number.isNaN(second)) return 1;
      return second - first;
    }
    return a - b;
  });
}

/** @param order indices of boxes, the best first */
function suppress(boxes: Boxes, order: Int32Array, threshold: number): Int32Array {
  const areas = areasOf(boxes);
  const isSuppressed = new Uint8Array(order.length);
  const kept: number[] = [];
  for (let first = 0; first < order.length; first++) {
    if (isSuppressed[first]) continue;
    const best = order[first]!;
    kept.push(best);
    const area = areas[best]!;
    for (let other = first + 1; other < order.length; other++) {
      if (isSuppressed[other]) continue;
      const index = order[other]!;
      const inside = intersection(boxes, 4 * best, boxes, 4 * index);
      if (inside <= 0 && threshold >= 0) continue;
      const union = Math.fround(Math.fround(area + areas[index]!) - inside);
      if (Math.fround(inside / union) > threshold) isSuppressed[other] = 1;
    }
  }
  return Int32Array.from(kept);
}
