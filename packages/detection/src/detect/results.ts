import { type Boxes, batchedNms, boxIou, clipBoxes, decodeBoxes } from '@resnet/boxes';
import { REGION_WEIGHTS } from '../losses/training-settings.js';
import { rowsAt } from '../proposals/propose.js';

/** Objects that were found in an image, the best first. */
export interface Detections {
  /** xyxy in pixels of the image as it was given: 4N. */
  boxes: Float32Array;
  /** Indices into the detector's classes, without the background: N. */
  labels: Int32Array;
  /** Probabilities: N. */
  scores: Float32Array;
}

export interface ResultSettings {
  /** Objects below this probability are left out. */
  score: number;
  /** Boxes that overlap a better one of their class more than this are left out. */
  overlap: number;
  /**
   * Box voting (Gidaris and Komodakis): a box that is kept becomes the mean of the boxes of its class that overlap it at least so much,
   * weighted by their scores. null for none.
   */
  voting: number | null;
  /** Objects of an image that are kept. */
  count: number;
  /** The shortest side of a box, in pixels of the network's input. */
  smallest: number;
}

/** What the region heads give for the regions of one image. */
export interface RegionOutputs {
  regions: Boxes;
  /** [regions, classes], the background first. */
  probabilities: Float32Array;
  /** [regions, classes · 4] */
  deltas: Float32Array;
}

/**
 * The objects in one image, in pixels of the network's input, as torchvision finds them (`roi_heads.py`): each region gives a box for
 * each class.
 *
 * @param size [height, width] of the image in the batch, without the padding
 */
export function objectsIn(
  { regions, probabilities, deltas }: RegionOutputs,
  [height, width]: readonly [number, number],
  { score, overlap, voting, count, smallest }: ResultSettings,
): Detections {
  const rows = regions.length / 4;
  const classes = rows === 0 ? 1 : probabilities.length / rows;
  const found: { row: number; label: number }[] = [];
  for (let row = 0; row < rows; row++) {
    for (let label = 1; label < classes; label++) {
      if (probabilities[row * classes + label]! > Math.fround(score)) found.push({ row, label });
    }
  }
  const at = found.map(({ row, label }) => row * classes + label);
  const references = rowsAt(
    regions,
    found.map(({ row }) => row),
  );
  const boxes = decodeBoxes(rowsAt(deltas, at), references, REGION_WEIGHTS);
  clipBoxes(boxes, height, width);
  const least = Math.fround(smallest);
  const large = at.flatMap((_, index) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * index, 4 * index + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return Math.fround(x2 - x1) >= least && Math.fround(y2 - y1) >= least ? [index] : [];
  });
  const scores = Float32Array.from(large, (index) => probabilities[at[index]!]!);
  const labels = Int32Array.from(large, (index) => found[index]!.label - 1);
  const largeBoxes = rowsAt(boxes, large);
  const kept = batchedNms(largeBoxes, scores, labels, overlap).subarray(0, count);
  const all = { boxes: largeBoxes, labels, scores };
  return {
    boxes: voting === null ? rowsAt(largeBoxes, kept) : votedBoxes(all, kept, voting),
    labels: kept.map((index) => labels[index]!),
    scores: Float32Array.from(kept, (index) => scores[index]!),
  };
}

/** The mean of the boxes that overlap each kept one, of its class, weighted by their scores. */
function votedBoxes({ boxes, labels, scores }: Detections, kept: Int32Array, overlap: number): Float32Array {
  const voted = new Float32Array(4 * kept.length);
  const overlaps = boxIou(rowsAt(boxes, kept), boxes);
  for (const [row, best] of kept.entries()) {
    const sums = [0, 0, 0, 0];
    let weight = 0;
    for (const [index, label] of labels.entries()) {
      if (label !== labels[best] || !(overlaps[row * labels.length + index]! >= overlap)) continue;
      weight += scores[index]!;
      for (let side = 0; side < 4; side++) sums[side]! += scores[index]! * boxes[4 * index + side]!;
    }
    voted.set(
      sums.map((sum) => sum / weight),
      4 * row,
    );
  }
  return voted;
}

/** The same objects in an image of another size: [height, width] before and after. */
export function inImage(
  { boxes, ...others }: Detections,
  [height, width]: readonly [number, number],
  [toHeight, toWidth]: readonly [number, number],
): Detections {
  const [scaleY, scaleX] = [Math.fround(toHeight / height), Math.fround(toWidth / width)];
  return { ...others, boxes: boxes.map((value, index) => value * (index % 2 === 0 ? scaleX : scaleY)) };
}
