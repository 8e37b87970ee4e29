import type { Attributes } from '../contracts/contract.js';
import type { Numbers } from './reference.js';

// Operations on regions, from their definitions, with sums in float64. Where cells and samples lie is part of the definition, and rounded to
// float32 at each step.

type Grid = Attributes<'RoiMaxPool'>;
type Sampling = Attributes<'RoiAlign'>;
type Shape = readonly number[];

const f = Math.fround;

/** Calls `visit` for each weight with which a value of x is part of a value of the result, by their indices. */
function eachWeight(
  shape: Shape,
  sampling: Sampling,
  visit: (from: number, to: number, weight: number) => void,
): void {
  const [, height, width, channels] = shape as [number, number, number, number];
  const { regions, rows, columns, scale, samplingRatio, aligned } = sampling;
  const side = (value: number) => f(f(value * f(scale)) - (aligned ? 0.5 : 0));
  const lengthOf = (from: number, to: number) => (aligned ? f(to - from) : Math.max(1, f(to - from)));
  for (let region = 0; region < regions.length / 5; region++) {
    const [image, left, top, right, bottom] = Array.from({ length: 5 }, (_, index) => {
      const value = f(regions[5 * region + index]!);
      return index === 0 ? value : side(value);
    }) as [number, number, number, number, number];
    const [cellHeight, cellWidth] = [f(lengthOf(top, bottom) / rows), f(lengthOf(left, right) / columns)];
    const [down, across] = [samplingRatio || Math.ceil(cellHeight), samplingRatio || Math.ceil(cellWidth)];
    const at = (start: number, cell: number, size: number, sample: number, samples: number) =>
      f(f(start + f(cell * size)) + f(f((sample + 0.5) * size) / samples));
    for (let cell = 0; cell < rows * columns; cell++) {
      const [row, column] = [Math.floor(cell / columns), cell % columns];
      for (let sample = 0; sample < Math.max(0, down) * Math.max(0, across); sample++) {
        const y = at(top, row, cellHeight, Math.floor(sample / across), down);
        const x = at(left, column, cellWidth, sample % across, across);
        if (y < -1 || y > height || x < -1 || x > width) continue;
        eachCorner([y, x], [height, width], (pixel, weight) => {
          for (let channel = 0; channel < channels; channel++) {
            const from = (image * height * width + pixel) * channels + channel;
            const to = (region * rows * columns + cell) * channels + channel;
            visit(from, to, weight / (down * across));
          }
        });
      }
    }
  }
}

/** The pixels around a point, which is moved into the map, and their weights. */
function eachCorner(
  [y, x]: [number, number],
  [height, width]: [number, number],
  visit: (pixel: number, weight: number) => void,
): void {
  const [row, column] = [Math.min(Math.max(y, 0), height - 1), Math.min(Math.max(x, 0), width - 1)];
  const [top, left] = [Math.floor(row), Math.floor(column)];
  for (const a of [top, top + 1]) {
    for (const b of [left, left + 1]) {
      const weight = (1 - Math.abs(row - a)) * (1 - Math.abs(column - b));
      if (weight > 0) visit(a * width + b, weight);
    }
  }
}

function resultSize({ regions, rows, columns }: Grid, channels: number): number {
  return (regions.length / 5) * rows * columns * channels;
}

export function roiAlign(shape: Shape, sampling: Sampling, x: Numbers): Float64Array {
  const y = new Float64Array(resultSize(sampling, shape[3]!));
  eachWeight(shape, sampling, (from, to, weight) => {
    y[to]! += weight * x[from]!;
  });
  return y;
}

export function roiAlignGradient(shape: Shape, sampling: Sampling, dy: Numbers): Float64Array {
  const dx = new Float64Array(shape.reduce((product, size) => product * size, 1));
  eachWeight(shape, sampling, (from, to, weight) => {
    dx[from]! += weight * dy[to]!;
  });
  return dx;
}

/** Calls `visit` for each value of the result with the values of x that it is the largest of, by their indices in reading order. */
function eachCell(shape: Shape, grid: Grid, visit: (to: number, from: number[]) => void): void {
  const [, height, width, channels] = shape as [number, number, number, number];
  const { regions, rows, columns, scale } = grid;
  const within = (first: number, size: number, cell: number, length: number) => {
    const [from, to] = [first + Math.floor(f(cell * size)), first + Math.ceil(f((cell + 1) * size))];
    const all = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    return all.filter((pixel) => pixel >= 0 && pixel < length);
  };
  let to = 0;
  for (let region = 0; region < regions.length / 5; region++) {
    const image = regions[5 * region]!;
    const [left, top, right, bottom] = Array.from({ length: 4 }, (_, index) => {
      const side = f(f(regions[5 * region + 1 + index]!) * f(scale));
      return side < 0 ? -Math.round(-side) : Math.round(side);
    }) as [number, number, number, number];
    const cellHeight = f(Math.max(1, bottom - top + 1) / rows);
    const cellWidth = f(Math.max(1, right - left + 1) / columns);
    for (let cell = 0; cell < rows * columns; cell++) {
      const inRows = within(top, cellHeight, Math.floor(cell / columns), height);
      const inColumns = within(left, cellWidth, cell % columns, width);
      for (let channel = 0; channel < channels; channel++) {
        const indexOf = (row: number, column: number) =>
          ((image * height + row) * width + column) * channels + channel;
        visit(
          to++,
          inRows.flatMap((row) => inColumns.map((column) => indexOf(row, column))),
        );
      }
    }
  }
}

export function roiMaxPool(shape: Shape, grid: Grid, x: Numbers): Float64Array {
  const y = new Float64Array(resultSize(grid, shape[3]!));
  eachCell(shape, grid, (to, from) => {
    y[to] = from.length > 0 ? Math.max(...from.map((index) => x[index]!)) : 0;
  });
  return y;
}

export function roiMaxPoolGradient(
  shape: Shape,
  grid: Grid,
  x: Numbers,
  y: Numbers,
  dy: Numbers,
): Float64Array {
  const dx = new Float64Array(x.length);
  eachCell(shape, grid, (to, from) => {
    const first = from.find((index) => x[index] === y[to]);
    if (first !== undefined) dx[first]! += dy[to]!;
  });
  return dx;
}

/** Of each pixel of the result the index of that of x. */
function sourcesOf(shape: Shape, height: number, width: number): number[] {
  const [images, inHeight, inWidth] = shape as [number, number, number, number];
  const nearest = (index: number, from: number, to: number) =>
    Math.min(from - 1, Math.floor(f(index * f(from / to))));
  return Array.from({ length: images * height * width }, (_, pixel) => {
    const row = nearest(Math.floor(pixel / width) % height, inHeight, height);
    const image = Math.floor(pixel / (width * height));
    return (image * inHeight + row) * inWidth + nearest(pixel % width, inWidth, width);
  });
}

export function upsampleNearest(shape: Shape, height: number, width: number, x: Numbers): Float64Array {
  const channels = shape[3]!;
  return Float64Array.from(
    sourcesOf(shape, height, width).flatMap((pixel) =>
      Array.from({ length: channels }, (_, channel) => x[pixel * channels + channel]!),
    ),
  );
}

export function upsampleNearestGradient(
  shape: Shape,
  height: number,
  width: number,
  dy: Numbers,
): Float64Array {
  const channels = shape[3]!;
  const dx = new Float64Array(shape.reduce((product, size) => product * size, 1));
  for (const [to, from] of sourcesOf(shape, height, width).entries()) {
    for (let channel = 0; channel < channels; channel++)
      dx[from * channels + channel]! += dy[to * channels + channel]!;
  }
  return dx;
}
