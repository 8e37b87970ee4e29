import { ResnetError } from '@resnet/core';
import { type Boxes, countBoxes } from './boxes.js';

/** What dx, dy, dw and dh are multiplied by, so that they are about 1. */
export type CodeWeights = readonly [dx: number, dy: number, dw: number, dh: number];

/** No box becomes more than this many times larger: torchvision's limit, of boxes of 1000 pixels on maps of stride 16. */
const LARGEST_LOG = Math.log(1000 / 16);

/**
 * How boxes differ from their references (Girshick et al., R-CNN, Appendix C): the center's distance in widths and heights of the
 * reference, and the logarithms of how much wider and higher they are. In float32. Infinite or NaN where a side is not above 0.
 *
 * @returns dx, dy, dw, dh of each
 * @throws SHAPE_MISMATCH if there are not as many boxes as references
 */
export function encodeBoxes(boxes: Boxes, references: Boxes, weights: CodeWeights): Float32Array {
  const count = countBoxes('Boxes', boxes);
  if (countBoxes('References', references) !== count) throw notAsMany(references.length / 4, count);
  const factors = Float32Array.from(weights);
  const deltas = new Float32Array(4 * count);
  for (let at = 0; at < deltas.length; at += 4) {
    for (const axis of [0, 1] as const) {
      const [side, center] = sideOf(references, at + axis);
      const [wanted, middle] = sideOf(boxes, at + axis);
      deltas[at + axis] = Math.fround(factors[axis]! * Math.fround(middle - center)) / side;
      deltas[at + axis + 2] = factors[axis + 2]! * Math.fround(Math.log(Math.fround(wanted / side)));
    }
  }
  return deltas;
}

/**
 * The boxes that differ so from their references. In float32; boxes become at most 62.5 times larger.
 *
 * @param deltas dx, dy, dw, dh of each reference, or of several boxes of each, one after another
 * @returns as many boxes as there are deltas; they are not clipped
 * @throws SHAPE_MISMATCH if there are not as many deltas for each reference
 */
export function decodeBoxes(deltas: Float32Array, references: Boxes, weights: CodeWeights): Boxes {
  const count = countBoxes('References', references);
  const each = countBoxes('Deltas', deltas) / Math.max(1, count);
  if (!Number.isInteger(each) || (count === 0 && deltas.length > 0))
    throw notAsMany(count, deltas.length / 4);
  const factors = Float32Array.from(weights);
  const boxes = new Float32Array(deltas.length);
  for (let at = 0; at < boxes.length; at += 4) {
    const reference = 4 * Math.floor(at / 4 / each);
    for (const axis of [0, 1] as const) {
      const [side, center] = sideOf(references, reference + axis);
      const move = Math.fround(Math.fround(deltas[at + axis]! / factors[axis]!) * side);
      const middle = Math.fround(move + center);
      const log = Math.min(Math.fround(deltas[at + axis + 2]! / factors[axis + 2]!), LARGEST_LOG);
      const half = Math.fround(0.5 * Math.fround(Math.fround(Math.exp(Math.fround(log))) * side));
      boxes[at + axis] = middle - half;
      boxes[at + axis + 2] = middle + half;
    }
  }
  return boxes;
}

/** Length and middle of a box along an axis. @param at index of its lower side */
function sideOf(boxes: Boxes, at: number): [length: number, middle: number] {
  const length = Math.fround(boxes[at + 2]! - boxes[at]!);
  return [length, Math.fround(boxes[at]! + Math.fround(0.5 * length))];
}

function notAsMany(references: number, boxes: number): ResnetError {
  return new ResnetError(
    'SHAPE_MISMATCH',
    `Each reference must have as many boxes, found ${references} references and ${boxes} boxes.`,
  );
}
