import type { Attributes } from '../contracts/contract.js';

/** What all operations on regions are told. */
export type RegionGrid = Attributes<'RoiMaxPool'>;

/** Numbers of a region: the image's index, x1, y1, x2, y2. */
export const REGION_VALUES = 5;
/** Rows and columns of the result, and samples of a cell in each direction: beyond these is a mistake. */
const MOST = 256;
/** Pixels of the map from its origin: within these float32 has a sixteenth of a pixel. */
const FARTHEST = 1e6;

/** Why these regions can't be computed for so many images, in the words of an error; undefined where they can. */
export function problemOfRegions(grid: RegionGrid, images: number): string | undefined {
  const { regions, rows, columns, scale } = grid;
  const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= MOST;
  if (!isCount(rows) || !isCount(columns))
    return `rows and columns are integers from 1 to ${MOST}, found ${rows} and ${columns}.`;
  if (!(scale > 0 && scale <= FARTHEST)) return `the scale is a number above 0, found ${scale}.`;
  if (typeof regions?.length !== 'number' || regions.length % REGION_VALUES !== 0)
    return 'regions have five numbers each: the index of the image, x1, y1, x2, y2.';
  const isNear = (value: number) => Math.abs(value * scale) <= FARTHEST;
  for (let at = 0; at < regions.length; at += REGION_VALUES) {
    const image = regions[at]!;
    const areNear =
      isNear(regions[at + 1]!) &&
      isNear(regions[at + 2]!) &&
      isNear(regions[at + 3]!) &&
      isNear(regions[at + 4]!);
    if (areNear && Number.isInteger(image) && image >= 0 && image < images) continue;
    const found = Array.from({ length: REGION_VALUES }, (_, index) => regions[at + index]);
    return `a region is an image's index below ${images} and four numbers of at most ${FARTHEST} pixels of the map; region ${at / REGION_VALUES} is [${found.join(', ')}].`;
  }
  return undefined;
}

/** Why the samples of `roiAlign` can't be taken; undefined where they can. */
export function problemOfSampling({ samplingRatio }: { samplingRatio: number }): string | undefined {
  const isCount = Number.isInteger(samplingRatio) && samplingRatio >= 0 && samplingRatio <= MOST;
  return isCount ? undefined : `the sampling ratio is an integer from 0 to ${MOST}, found ${samplingRatio}.`;
}

/** The numbers of the regions in the order of their images, and of their upper sides: what follows each other reads the same pixels. */
export function orderOfRegions({ regions }: Pick<RegionGrid, 'regions'>): Int32Array {
  const order = Int32Array.from({ length: regions.length / REGION_VALUES }, (_, region) => region);
  const value = (region: number, index: number) => regions[REGION_VALUES * region + index]!;
  return order.sort((a, b) => value(a, 0) - value(b, 0) || value(a, 2) - value(b, 2) || a - b);
}
