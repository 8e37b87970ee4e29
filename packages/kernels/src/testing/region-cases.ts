import fc from 'fast-check';
import { channelNumbers, imageNumbers, seeds } from './arbitraries.js';
import type { Call } from './calls.js';
import { normalTensor } from './tensors.js';

export interface RegionCase {
  shape: number[];
  grid: { regions: number[]; rows: number; columns: number; scale: number };
  sampling: { samplingRatio: number; aligned: boolean };
  seed: number;
}

const lengths = fc.integer({ min: 1, max: 20 });
const bins = fc.integer({ min: 1, max: 7 });
/** In pixels of the map: inside, across its borders and outside; halves, which are rounded away from zero, and others. */
const sides = fc.oneof(
  fc.integer({ min: -12, max: 60 }).map((half) => half / 2),
  fc.float({ min: -6, max: 30, noNaN: true }),
);

/** Maps with regions, of which some have no size, or a negative one. */
export const regionCases: fc.Arbitrary<RegionCase> = fc
  .record({
    images: imageNumbers,
    height: lengths,
    width: lengths,
    channels: fc.oneof(channelNumbers, fc.constantFrom(1, 3, 5, 16, 20)),
    regions: fc.array(fc.tuple(fc.nat(), sides, sides, sides, sides), { maxLength: 6 }),
    rows: bins,
    columns: bins,
    scale: fc.constantFrom(1, 0.5, 1 / 16),
    samplingRatio: fc.integer({ min: 0, max: 3 }),
    aligned: fc.boolean(),
    seed: seeds,
  })
  .map(
    ({ images, height, width, channels, regions, rows, columns, scale, samplingRatio, aligned, seed }) => ({
      shape: [images, height, width, channels],
      grid: {
        regions: regions.flatMap(([image, ...sides]) => [
          image % images,
          ...sides.map((side) => side / scale),
        ]),
        ...{ rows, columns, scale },
      },
      sampling: { samplingRatio, aligned },
      seed,
    }),
  );

/** Few values, so that cells have several largest ones; mostly negative, so that zero would be wrong. */
export function mapsOf({ shape, seed }: Pick<RegionCase, 'shape' | 'seed'>) {
  const { values } = normalTensor(shape, seed);
  return { shape, values: values.map((value) => Math.round(2 * value - 3) / 2) };
}

export function resultShapeOf({ shape, grid: { regions, rows, columns } }: RegionCase): number[] {
  return [regions.length / 5, rows, columns, shape[3]!];
}

export function regionCalls(sample: RegionCase): Call[] {
  const { shape, grid, sampling, seed } = sample;
  const x = mapsOf(sample);
  const [dy, y] = [seed + 1, seed + 2].map((seed) => mapsOf({ shape: resultShapeOf(sample), seed }));
  const { rows: height, columns: width } = grid;
  const upsampled = normalTensor([shape[0]!, height, width, shape[3]!], seed);
  return [
    ['RoiAlign', { x }, { ...grid, ...sampling }],
    ['RoiAlignGradient', { dy }, { ...grid, ...sampling, shape }],
    ['RoiMaxPool', { x }, grid],
    ['RoiMaxPoolGradient', { dy, x, y }, grid],
    ['UpsampleNearest', { x }, { height, width }],
    ['UpsampleNearestGradient', { dy: upsampled }, { shape }],
  ];
}
