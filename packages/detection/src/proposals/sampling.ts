import { type Boxes, encodeBoxes, matchBoxes, sampleBalanced } from '@resnet/boxes';
import type { Random } from '@resnet/core';
import { rowsAt } from './propose.js';

/** The objects in an image, in pixels of the network's input. */
export interface Truth {
  /** xyxy: 4N. */
  boxes: Boxes;
  /** Classes from 1 on: 0 is the background. */
  labels: Int32Array;
}

/** How examples are chosen to learn from. */
export interface SampleSettings {
  /** Examples of an image. */
  count: number;
  /** The largest share of them that are objects. */
  positiveShare: number;
  /** An example is an object if it overlaps one at least so much (intersection over union), */
  high: number;
  /** and background if it overlaps all less than this, */
  low: number;
  /** but at least so much: Fast R-CNN takes no easier background than 0.1. */
  lowest: number;
}

/** What the region proposal network has to learn of an image. */
export interface AnchorSample {
  /** Indices of anchors, over all levels. */
  positive: Int32Array;
  negative: Int32Array;
  /** What the deltas of the positive ones should be: 4 for each. */
  deltas: Float32Array;
}

/** @param anchors of all levels, one after another */
export function sampleAnchors(
  anchors: Boxes,
  truth: Truth,
  { count, positiveShare, high, low }: SampleSettings,
  random: Random,
): AnchorSample {
  const matches = matchBoxes(truth.boxes, anchors, { high, low, allowLowQuality: true });
  const { positive, negative } = sampleBalanced(labelsOf(matches), { count, positiveShare, random });
  const deltas = encodeBoxes(
    rowsAt(truth.boxes, matchesAt(matches, positive)),
    rowsAt(anchors, positive),
    [1, 1, 1, 1],
  );
  return { positive, negative, deltas };
}

/** Regions to learn from, the objects first. */
export interface RegionSample {
  boxes: Boxes;
  /** Classes: 0 is the background. */
  labels: Int32Array;
  /** What the deltas of the class should be; zeros for the background: 4 for each region. */
  deltas: Float32Array;
}

/** @param weights of dx, dy, dw and dh */
export function sampleRegions(
  proposals: Boxes,
  truth: Truth,
  settings: SampleSettings & { weights: readonly [number, number, number, number] },
  random: Random,
): RegionSample {
  const { count, positiveShare, high, low, lowest, weights } = settings;
  // The objects themselves are proposals too: at first they are the only good ones.
  const boxes = new Float32Array(proposals.length + truth.boxes.length);
  boxes.set(proposals);
  boxes.set(truth.boxes, proposals.length);
  const matches = matchBoxes(truth.boxes, boxes, { high, low, allowLowQuality: false });
  const labels = labelsOf(matches);
  if (lowest > 0) {
    const easy = matchBoxes(truth.boxes, boxes, { high: lowest, low: lowest, allowLowQuality: false });
    for (const [index, match] of easy.entries()) if (match < 0) labels[index] = -1;
  }
  const { positive, negative } = sampleBalanced(labels, { count, positiveShare, random });
  const chosen = Int32Array.from([...positive, ...negative]);
  const found = matchesAt(matches, positive);
  const deltas = new Float32Array(4 * chosen.length);
  deltas.set(encodeBoxes(rowsAt(truth.boxes, found), rowsAt(boxes, positive), weights));
  return {
    boxes: rowsAt(boxes, chosen),
    labels: Int32Array.from(chosen, (_, row) => (row < found.length ? truth.labels[found[row]!]! : 0)),
    deltas,
  };
}

/** 1 for matched boxes, 0 for background, −1 for those between. */
function labelsOf(matches: Int32Array): Int8Array {
  return Int8Array.from(matches, (match) => (match >= 0 ? 1 : match === -1 ? 0 : -1));
}

function matchesAt(matches: Int32Array, indices: Int32Array): Int32Array {
  return indices.map((index) => matches[index]!);
}
