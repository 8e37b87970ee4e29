import { type Boxes, countBoxes } from '../geometry/boxes.js';
import { boxIou } from '../geometry/iou.js';
import { checkShare } from '../shared/check-share.js';

/** What `matchBoxes` gives for boxes without an object. */
export const BACKGROUND = -1;
export const BETWEEN = -2;

export interface MatchConfig {
  /** A box that overlaps an object at least so much is matched with the one that it overlaps most. */
  high: number;
  /** A box that overlaps all objects less than this is background: at most `high`. */
  low: number;
  /** Whether boxes that overlap an object as much as any other box does are matched too, so that no object is without. */
  allowLowQuality: boolean;
}

/** Overlaps that are computed at a time. */
const CHUNK = 2 ** 22;

/**
 * Finds the object of each box as torchvision's `Matcher` does (`_utils.py`): of objects that are overlapped as much, the first.
 *
 * @param truths the objects' boxes
 * @returns for each box the index of its object, or `BACKGROUND` (−1), or `BETWEEN` (−2) for those that are neither
 * @throws OPTION_INVALID unless `low` and `high` are from 0 to 1 and in this order; SHAPE_MISMATCH
 */
export function matchBoxes(
  truths: Boxes,
  boxes: Boxes,
  { high, low, allowLowQuality }: MatchConfig,
): Int32Array {
  checkShare('high', high);
  checkShare('low', low, high);
  const [objects, count] = [countBoxes('Objects', truths), countBoxes('Boxes', boxes)];
  const matches = new Int32Array(count).fill(BACKGROUND);
  if (objects === 0) return matches;
  const best = new Float32Array(count);
  const bestOfObjects = new Float32Array(objects).fill(Number.NEGATIVE_INFINITY);
  const step = Math.max(1, Math.floor(CHUNK / objects));
  const eachChunk = (work: (overlaps: Float32Array, from: number, size: number) => void) => {
    for (let from = 0; from < count; from += step) {
      const chunk = boxes.subarray(4 * from, 4 * Math.min(count, from + step));
      work(boxIou(truths, chunk), from, chunk.length / 4);
    }
  };
  const all = new Int32Array(count);
  eachChunk((overlaps, from, size) => {
    for (let column = 0; column < size; column++) {
      let [most, object] = [overlaps[column]!, 0];
      for (let row = 0; row < objects; row++) {
        const overlap = overlaps[row * size + column]!;
        if (overlap > bestOfObjects[row]!) bestOfObjects[row] = overlap;
        if (overlap > most) [most, object] = [overlap, row];
      }
      best[from + column] = most;
      all[from + column] = object;
    }
  });
  const [lowest, highest] = [Math.fround(low), Math.fround(high)];
  for (let index = 0; index < count; index++) {
    const overlap = best[index]!;
    matches[index] = overlap >= highest ? all[index]! : overlap >= lowest ? BETWEEN : BACKGROUND;
  }
  if (!allowLowQuality) return matches;
  eachChunk((overlaps, from, size) => {
    for (let row = 0; row < objects; row++) {
      for (let column = 0; column < size; column++) {
        if (overlaps[row * size + column] !== bestOfObjects[row]) continue;
        matches[from + column] = all[from + column]!;
      }
    }
  });
  return matches;
}
