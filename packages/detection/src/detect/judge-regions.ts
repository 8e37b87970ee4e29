import type { Boxes } from '@resnet/boxes';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectorStages } from '../networks/faster-rcnn.js';
import { regionFeatures } from '../networks/region-features.js';
import type { DetectorInput } from './image-input.js';
import type { RegionOutputs } from './results.js';

/** A batch at one size, as a detector sees it. */
export interface View {
  input: DetectorInput;
  maps: readonly tf.Tensor4D[];
}

/** A view of images of another size than the one that regions are given in. */
export interface ScaledView extends View {
  /** By how much regions grow, of each image: [y, x]. */
  scales: readonly (readonly [number, number])[];
}

/** What the region heads say of the regions of each image. */
export async function judgeRegions(
  detector: DetectorStages,
  { input, maps }: View,
  proposals: readonly Boxes[],
): Promise<RegionOutputs[]> {
  const boxes = { list: proposals, sizes: input.sizes };
  const { features, order } = regionFeatures(detector, maps, boxes, input.images.shape);
  const outputs = await predictions(detector, features);
  return perImage(proposals, outputs.map((each) => rowsBack(each, order)) as [Float32Array, Float32Array]);
}

/**
 * The same by features of two views: each is the larger of what both views give ("maxout"; Appendix A, and Ren et al., "Object detection
 * networks on convolutional feature maps"). The two are adjacent. The paper does not say which: here that in which the region is
 * nearest to `canonicalSize` in size, and its better neighbor.
 *
 * @param views from the smallest to the largest
 * @param proposals in pixels of images to which the views' scales apply
 */
export async function judgeInViews(
  detector: DetectorStages,
  views: readonly ScaledView[],
  proposals: readonly Boxes[],
): Promise<RegionOutputs[]> {
  const count = proposals.reduce((sum, boxes) => sum + boxes.length / 4, 0);
  let largest = new Float32Array(0);
  for (const [index, view] of views.entries()) {
    const { canonicalSize } = detector.settings.head;
    const { list, rows } = regionsOfView(views, index, proposals, canonicalSize);
    if (rows.length === 0) continue;
    const boxes = { list, sizes: view.input.sizes };
    const { features, order } = regionFeatures(detector, view.maps, boxes, view.input.images.shape);
    const [read, size] = [await features.data<'float32'>(), features.shape[1]];
    features.dispose();
    if (largest.length === 0) largest = new Float32Array(count * size).fill(Number.NEGATIVE_INFINITY);
    for (const [from, region] of order.entries()) {
      const to = rows[region]! * size;
      for (let at = 0; at < size; at++) {
        largest[to + at] = Math.max(largest[to + at]!, read[from * size + at]!);
      }
    }
  }
  if (count === 0) return judgeRegions(detector, views[0]!, proposals);
  const features = tf.tensor2d(largest, [count, largest.length / count]);
  return perImage(proposals, await predictions(detector, features));
}

/** The regions that are judged in a view, in its pixels, and the row of each over all images. */
function regionsOfView(
  views: readonly ScaledView[],
  index: number,
  proposals: readonly Boxes[],
  canonicalSize: number,
): { list: Float32Array[]; rows: number[] } {
  const rows: number[] = [];
  let row = 0;
  const list = proposals.map((boxes, image) => {
    const [scaleY, scaleX] = views[index]!.scales[image]!;
    const kept: number[] = [];
    for (let at = 0; at < boxes.length; at += 4, row++) {
      const [x1, y1, x2, y2] = [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
      const area = (x2 - x1) * (y2 - y1);
      const sides = views.map(({ scales }) => Math.sqrt(area * scales[image]![0] * scales[image]![1]));
      if (!adjacentPair(sides, canonicalSize).includes(index)) continue;
      rows.push(row);
      kept.push(x1 * scaleX, y1 * scaleY, x2 * scaleX, y2 * scaleY);
    }
    return Float32Array.from(kept);
  });
  return { list, rows };
}

/** The index of the side that is nearest to the wanted one, as a ratio, and of its neighbor that is nearer. @param sides ascending */
export function adjacentPair(sides: readonly number[], wanted: number): number[] {
  // A region without an area is as far from all.
  const distances = sides.map((side) => Math.abs(Math.log(Math.max(side, 1e-6) / wanted)));
  const distance = (index: number) => distances[index] ?? Number.POSITIVE_INFINITY;
  let best = 0;
  for (const index of sides.keys()) if (distance(index) < distance(best)) best = index;
  const neighbor = distance(best - 1) < distance(best + 1) ? best - 1 : best + 1;
  return neighbor < sides.length ? [best, neighbor].sort((a, b) => a - b) : [best];
}

/** Probabilities and deltas, row by row. @param features [N, features], disposed here */
async function predictions(
  detector: DetectorStages,
  features: tf.Tensor2D,
): Promise<[probabilities: Float32Array, deltas: Float32Array]> {
  const { logits, deltas } = detector.predict(features);
  const probabilities = tf.softmax(logits);
  try {
    return (await Promise.all([probabilities.data<'float32'>(), deltas.data<'float32'>()])) as [
      Float32Array,
      Float32Array,
    ];
  } finally {
    tf.dispose([features, logits, deltas, probabilities]);
  }
}

function perImage(
  proposals: readonly Boxes[],
  [probabilities, deltas]: readonly [Float32Array, Float32Array],
): RegionOutputs[] {
  const rows = proposals.reduce((sum, boxes) => sum + boxes.length / 4, 0);
  const classes = rows === 0 ? 1 : probabilities.length / rows;
  let from = 0;
  return proposals.map((regions) => {
    const end = from + regions.length / 4;
    const part = {
      regions,
      probabilities: probabilities.subarray(from * classes, end * classes),
      deltas: deltas.subarray(4 * from * classes, 4 * end * classes),
    };
    from = end;
    return part;
  });
}

/** Rows in the order of their regions. @param order the region of each row */
function rowsBack(values: Float32Array, order: Int32Array): Float32Array {
  const size = order.length === 0 ? 0 : values.length / order.length;
  const rows = new Float32Array(values.length);
  for (const [row, to] of order.entries()) {
    rows.set(values.subarray(row * size, (row + 1) * size), to * size);
  }
  return rows;
}
