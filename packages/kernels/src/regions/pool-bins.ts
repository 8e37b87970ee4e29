import { REGION_VALUES, type RegionGrid } from './region-grid.js';

const f = Math.fround;

/**
 * The windows of `roiMaxPool`, along each axis: for bin b of region r the first pixel at index 2 · (r · bins + b), and the one behind the
 * last after it. Every step is rounded as in torchvision.
 */
export function poolBins(
  grid: RegionGrid,
  height: number,
  width: number,
): { ofRows: Int32Array; ofColumns: Int32Array } {
  return {
    ofRows: binsAlong(grid, { bins: grid.rows, length: height, from: 2, to: 4 }),
    ofColumns: binsAlong(grid, { bins: grid.columns, length: width, from: 1, to: 3 }),
  };
}

function binsAlong(
  { regions, scale }: RegionGrid,
  { bins, length, from, to }: { bins: number; length: number; from: number; to: number },
): Int32Array {
  const result = new Int32Array((2 * bins * regions.length) / REGION_VALUES);
  const factor = f(scale);
  const within = (pixel: number) => Math.min(Math.max(pixel, 0), length);
  let next = 0;
  for (let at = 0; at < regions.length; at += REGION_VALUES) {
    const start = rounded(f(f(regions[at + from]!) * factor));
    const end = rounded(f(f(regions[at + to]!) * factor));
    const bin = f(Math.max(end - start + 1, 1) / bins);
    for (let index = 0; index < bins; index++) {
      result[next++] = within(start + Math.floor(f(index * bin)));
      result[next++] = within(start + Math.ceil(f((index + 1) * bin)));
    }
  }
  return result;
}

/** As C does it: halves away from zero. */
function rounded(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}
