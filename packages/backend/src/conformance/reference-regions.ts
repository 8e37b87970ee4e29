import { type Array64, array64 } from './reference.js';

// Operations on regions, from their definitions, with plain loops in float64.

/** Index of the image, x1, y1, x2, y2. */
export type Region = readonly [number, number, number, number, number];

interface Grid {
  size: readonly [number, number];
  scale: number;
}

const asImage = ({ shape }: Array64) => shape as [number, number, number, number];

export function roiAlign(
  x: Array64,
  regions: readonly Region[],
  {
    size: [rows, columns],
    scale,
    samplingRatio,
    aligned,
  }: Grid & { samplingRatio: number; aligned: boolean },
): Array64 {
  const channels = x.shape[3]!;
  const y = array64([regions.length, rows, columns, channels]);
  const shift = aligned ? 0.5 : 0;
  const least = aligned ? -Infinity : 1;
  let to = 0;
  for (const [image, ...sides] of regions) {
    const [left, top, right, bottom] = sides.map((side) => side * scale - shift) as [
      number,
      number,
      number,
      number,
    ];
    const cellHeight = Math.max(bottom - top, least) / rows;
    const cellWidth = Math.max(right - left, least) / columns;
    const down = samplingRatio || Math.ceil(cellHeight);
    const across = samplingRatio || Math.ceil(cellWidth);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let channel = 0; channel < channels; channel++, to++) {
          for (let a = 0; a < down; a++) {
            for (let b = 0; b < across; b++) {
              const sampleY = top + (row + (a + 0.5) / down) * cellHeight;
              const sampleX = left + (column + (b + 0.5) / across) * cellWidth;
              y.data[to]! += bilinear(x, image, sampleY, sampleX, channel) / (down * across);
            }
          }
        }
      }
    }
  }
  return y;
}

function bilinear(x: Array64, image: number, atY: number, atX: number, channel: number): number {
  const [, height, width, channels] = asImage(x);
  if (atY < -1 || atY > height || atX < -1 || atX > width) return 0;
  const [row, column] = [Math.min(Math.max(atY, 0), height - 1), Math.min(Math.max(atX, 0), width - 1)];
  let sum = 0;
  for (let a = 0; a < height; a++) {
    for (let b = 0; b < width; b++) {
      const weight = Math.max(0, 1 - Math.abs(row - a)) * Math.max(0, 1 - Math.abs(column - b));
      if (weight > 0) sum += weight * x.data[((image * height + a) * width + b) * channels + channel]!;
    }
  }
  return sum;
}

export function roiMaxPool(
  x: Array64,
  regions: readonly Region[],
  { size: [rows, columns], scale }: Grid,
): Array64 {
  const [, height, width, channels] = asImage(x);
  const y = array64([regions.length, rows, columns, channels]);
  let to = 0;
  for (const [image, ...sides] of regions) {
    const [left, top, right, bottom] = sides.map((side) => Math.round(side * scale)) as [
      number,
      number,
      number,
      number,
    ];
    const [cellHeight, cellWidth] = [
      Math.max(1, bottom - top + 1) / rows,
      Math.max(1, right - left + 1) / columns,
    ];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let channel = 0; channel < channels; channel++, to++) {
          const values: number[] = [];
          for (let a = 0; a < height; a++) {
            for (let b = 0; b < width; b++) {
              const isInRow =
                a - top >= Math.floor(row * cellHeight) && a - top < Math.ceil((row + 1) * cellHeight);
              const isInColumn =
                b - left >= Math.floor(column * cellWidth) && b - left < Math.ceil((column + 1) * cellWidth);
              if (isInRow && isInColumn)
                values.push(x.data[((image * height + a) * width + b) * channels + channel]!);
            }
          }
          y.data[to] = values.length > 0 ? Math.max(...values) : 0;
        }
      }
    }
  }
  return y;
}

export function upsampleNearest(x: Array64, [outHeight, outWidth]: readonly [number, number]): Array64 {
  const [count, height, width, channels] = asImage(x);
  return array64([count, outHeight, outWidth, channels], (index) => {
    const channel = index % channels;
    const column = Math.floor(((Math.floor(index / channels) % outWidth) * width) / outWidth);
    const line = Math.floor(index / (channels * outWidth));
    const row = Math.floor(((line % outHeight) * height) / outHeight);
    const image = Math.floor(line / outHeight);
    return x.data[((image * height + row) * width + column) * channels + channel]!;
  });
}
