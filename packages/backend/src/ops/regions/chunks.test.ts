import { Random } from '@resnet/core';
import { alignTaps, poolBins } from '@resnet/kernels/regions';
import { expect, it } from 'vitest';
import { axisOfBins, axisOfTaps } from './axis.js';
import { chunksOf, type RegionChunk } from './chunks.js';

const [height, width, channels] = [200, 272, 256];
const random = new Random(1);
const boxes = Array.from({ length: 1000 }, (_, index) => {
  const side = 4 * 2 ** (6 * random.uniform());
  const [x, y] = [random.uniform() * (width - side), random.uniform() * (height - side)];
  return [index % 3, x, y, x + side, y + side];
});
const grid = { regions: Float32Array.from(boxes.flat()), rows: 7, columns: 7, scale: 1 };

const taps = alignTaps({ ...grid, samplingRatio: 2, aligned: false }, height, width);
const bins = poolBins(grid, height, width);

/** Values of the largest tensor that a chunk needs, in the order in which they are made. */
function largestTensor({ regions, rows, columns }: RegionChunk): number {
  const [readRows, readColumns] = [regions.length * 7 * rows.reads, 7 * columns.reads];
  return Math.max(
    readRows * columns.length * channels,
    readRows * readColumns * channels,
    readRows * readColumns * columns.length,
    readRows * rows.length,
  );
}

it.each([
  ['roiAlign', axisOfTaps(taps.ofRows, 7), axisOfTaps(taps.ofColumns, 7)],
  ['roiMaxPool', axisOfBins(bins.ofRows, 7), axisOfBins(bins.ofColumns, 7)],
])('1000 regions of %s are computed with little memory', (_, rows, columns) => {
  const chunks = chunksOf(grid, rows, columns, channels);
  const all = chunks.flatMap(({ regions }) => [...regions]);
  expect(all.toSorted((a, b) => a - b)).toEqual(boxes.map((_, index) => index));
  expect(chunks.length).toBeGreaterThan(1);
  for (const chunk of chunks) {
    if (chunk.regions.length > 1) expect(4 * largestTensor(chunk)).toBeLessThanOrEqual(64 * 2 ** 20);
    for (const region of chunk.regions) {
      expect(boxes[region]![0]).toBe(chunk.image);
      for (const { axis, from, length } of [chunk.rows, chunk.columns]) {
        const [first, end] = axis.spanOf(region);
        expect(first >= from && end <= from + length).toBe(true);
      }
    }
  }
});
