import { type Boxes, clipBoxes, decodeBoxes } from '@resnet/boxes';
import { REGION_WEIGHTS } from '../losses/training-settings.js';
import { rowsAt } from '../proposals/propose.js';
import type { RegionOutputs } from './results.js';

/** What several detectors say of the same regions, on average. */
export function meanOutputs(outputs: readonly RegionOutputs[]): RegionOutputs {
  const [first] = outputs as [RegionOutputs];
  if (outputs.length === 1) return first;
  const mean = (values: readonly Float32Array[]) =>
    values[0]!.map((_, index) => values.reduce((sum, each) => sum + each[index]!, 0) / values.length);
  return {
    regions: first.regions,
    probabilities: mean(outputs.map((each) => each.probabilities)),
    deltas: mean(outputs.map((each) => each.deltas)),
  };
}

export function joinOutputs(a: RegionOutputs, b: RegionOutputs): RegionOutputs {
  const both = (first: Float32Array, second: Float32Array) => {
    const all = new Float32Array(first.length + second.length);
    all.set(first);
    all.set(second, first.length);
    return all;
  };
  return {
    regions: both(a.regions, b.regions),
    probabilities: both(a.probabilities, b.probabilities),
    deltas: both(a.deltas, b.deltas),
  };
}

/** Where the regions have moved to: each to the box of its most probable class, clipped to the image of [height, width]. */
export function refinedRegions(
  { regions, probabilities, deltas }: RegionOutputs,
  [height, width]: readonly [number, number],
): Boxes {
  const rows = regions.length / 4;
  const classes = rows === 0 ? 1 : probabilities.length / rows;
  const best = Array.from({ length: rows }, (_, row) => {
    let label = 1;
    for (let other = 2; other < classes; other++) {
      if (probabilities[row * classes + other]! > probabilities[row * classes + label]!) label = other;
    }
    return row * classes + label;
  });
  const boxes = decodeBoxes(rowsAt(deltas, best), regions, REGION_WEIGHTS);
  clipBoxes(boxes, height, width);
  return boxes;
}
