import { type Boxes, batchedNms, clipBoxes, decodeBoxes } from '@resnet/boxes';
import { highest } from './highest.js';
import type { LevelOutputs } from './level-outputs.js';

export interface ProposalSettings {
  /** The best anchors of each level that become boxes. */
  before: number;
  /** Boxes of an image that are kept. */
  after: number;
  /** Boxes of a level that overlap a better one more than this are left out. */
  overlap: number;
  /** The shortest side of a box, in pixels of the network's input. */
  smallest: number;
}

export interface Proposals {
  boxes: Boxes;
  /** Probabilities of an object. */
  scores: Float32Array;
}

/**
 * Proposes regions of one image, the best first, as torchvision's region proposal network does (`rpn.py`): the best anchors of each
 * level, moved by the network's deltas, clipped to the image, without those that overlap a better one of the same level.
 *
 * @param anchors of each level, for each position
 * @param size [height, width] of the image in the batch, without the padding
 */
export function propose(
  levels: readonly LevelOutputs[],
  anchors: readonly Boxes[],
  [height, width]: readonly [number, number],
  { before, after, overlap, smallest }: ProposalSettings,
): Proposals {
  const boxes: number[] = [];
  const scores: number[] = [];
  const groups: number[] = [];
  for (const [level, { logits, deltas }] of levels.entries()) {
    const best = highest(logits, before);
    const decoded = decodeBoxes(rowsAt(deltas, best), rowsAt(anchors[level]!, best), [1, 1, 1, 1]);
    clipBoxes(decoded, height, width);
    for (const [row, anchor] of best.entries()) {
      const box = decoded.subarray(4 * row, 4 * row + 4);
      const sides = Math.min(Math.fround(box[2]! - box[0]!), Math.fround(box[3]! - box[1]!));
      // Not true for NaN either: a broken box is no proposal.
      if (!(sides >= Math.fround(smallest))) continue;
      boxes.push(...box);
      scores.push(1 / (1 + Math.exp(-logits[anchor]!)));
      groups.push(level);
    }
  }
  const all = Float32Array.from(boxes);
  const allScores = Float32Array.from(scores);
  const kept = batchedNms(all, allScores, Int32Array.from(groups), overlap).subarray(0, after);
  return { boxes: rowsAt(all, kept), scores: Float32Array.from(kept, (index) => allScores[index]!) };
}

/** The rows of four values at these indices. */
export function rowsAt(values: Float32Array, indices: ArrayLike<number>): Float32Array {
  const rows = new Float32Array(4 * indices.length);
  for (let row = 0; row < indices.length; row++) {
    const from = 4 * indices[row]!;
    for (let side = 0; side < 4; side++) rows[4 * row + side] = values[from + side]!;
  }
  return rows;
}
