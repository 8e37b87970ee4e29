import {
  orderOfRegions,
  problemOfRegions,
  REGION_VALUES,
  type RegionGrid,
} from '../../regions/region-grid.js';
import { check } from '../../runtime/refused.js';
import type { Runtime } from '../../runtime/runtime.js';

export type ImageShape = [images: number, height: number, width: number, channels: number];

/** Chunks of a gradient, so that threads are done at the same time: enough of them, but no more, as each looks at all regions. */
const BANDS = 16;

/** @throws Refusal unless these are maps with pixels, and regions of them */
export function checkRegions(x: { shape: number[] }, grid: RegionGrid): ImageShape {
  check(x.shape.length === 4, 'images have four axes.');
  const [images, height, width] = x.shape as ImageShape;
  check(height * width > 0, 'images of no pixels have no regions.');
  const problem = problemOfRegions(grid, images);
  check(problem === undefined, problem!);
  return x.shape as ImageShape;
}

export function resultShape({ regions, rows, columns }: RegionGrid, channels: number): number[] {
  return [regions.length / REGION_VALUES, rows, columns, channels];
}

/** What the tasks of all kernels for regions have. */
export function regionFields(runtime: Runtime, grid: RegionGrid, shape: ImageShape) {
  const [images, height, width, channels] = shape;
  const order = orderOfRegions(grid);
  const lineBytes = 4 * width * channels;
  const offsets = Array.from(
    order,
    (_, region) => grid.regions[REGION_VALUES * region]! * height * lineBytes,
  );
  return {
    order: runtime.integers('order of regions', order),
    images: runtime.integers('images of regions', offsets),
    ...{ regions: order.length, rows: grid.rows, columns: grid.columns, channels },
    bandBytes: lineBytes * Math.ceil((images * height) / BANDS),
    mapBytes: lineBytes * images * height,
  };
}

export function bandsOf({ mapBytes, bandBytes }: { mapBytes: number; bandBytes: number }): number {
  return Math.ceil(mapBytes / bandBytes);
}
