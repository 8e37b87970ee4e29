import type { Image } from '../image.js';
import { PRECISION, sourceOf, type Weights } from './weights.js';

/**
 * Resizes in JavaScript: first horizontally, then vertically, rounding to bytes in between.
 *
 * @param corner of the region of the image that the weights are for
 */
export function resampleScalar(
  image: Image,
  corner: { top: number; left: number },
  across: Weights,
  down: Weights,
): Image {
  const { first, last } = sourceOf(down, 0, down.starts.length);
  const rows = resizeAcross(image, corner.top + first, last - first, corner.left, across);
  return resizeDown(rows, first, down);
}

function resizeAcross(image: Image, top: number, height: number, left: number, weights: Weights): Image {
  const { channels } = image;
  const { starts, counts, values, most } = weights;
  const width = starts.length;
  const pixels = new Uint8Array(height * width * channels);
  let to = 0;
  for (let row = 0; row < height; row++) {
    const rowStart = ((top + row) * image.width + left) * channels;
    for (let column = 0; column < width; column++) {
      const start = rowStart + starts[column]! * channels;
      const count = counts[column]!;
      const weight = column * most;
      if (channels === 3) {
        let red = HALF;
        let green = HALF;
        let blue = HALF;
        for (let index = 0, from = start; index < count; index++, from += 3) {
          const value = values[weight + index]!;
          red += image.pixels[from]! * value;
          green += image.pixels[from + 1]! * value;
          blue += image.pixels[from + 2]! * value;
        }
        pixels[to++] = toByte(red);
        pixels[to++] = toByte(green);
        pixels[to++] = toByte(blue);
        continue;
      }
      for (let channel = 0; channel < channels; channel++) {
        let sum = HALF;
        for (let index = 0; index < count; index++) {
          sum += image.pixels[start + index * channels + channel]! * values[weight + index]!;
        }
        pixels[to++] = toByte(sum);
      }
    }
  }
  return { pixels, height, width, channels };
}

/** @param first the row of the source that `image` begins with */
function resizeDown(image: Image, first: number, { starts, counts, values, most }: Weights): Image {
  const { width, channels } = image;
  const height = starts.length;
  const rowBytes = width * channels;
  const pixels = new Uint8Array(height * rowBytes);
  const sums = new Int32Array(rowBytes);
  for (let row = 0; row < height; row++) {
    sums.fill(HALF);
    for (let index = 0; index < counts[row]!; index++) {
      const value = values[row * most + index]!;
      const from = (starts[row]! - first + index) * rowBytes;
      for (let position = 0; position < rowBytes; position++)
        sums[position]! += image.pixels[from + position]! * value;
    }
    const to = row * rowBytes;
    for (let position = 0; position < rowBytes; position++) pixels[to + position] = toByte(sums[position]!);
  }
  return { pixels, height, width, channels };
}

const HALF = 2 ** (PRECISION - 1);

function toByte(sum: number): number {
  return Math.max(0, Math.min(255, sum >> PRECISION));
}
