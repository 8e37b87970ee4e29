/** A convolution and its gradients from their definitions, in float64. */

/** A float64 tensor, row-major. */
export interface Array64 {
  shape: number[];
  data: Float64Array;
}

/** How the filter moves; the padding is the same on every side. */
export interface Geometry {
  stride: number;
  padding: number;
}

/** y, [images, outHeight, outWidth, outChannels] */
export function convolution(x: Array64, filter: Array64, geometry: Geometry): Array64 {
  const [images, height, width, inChannels] = x.shape as [number, number, number, number];
  const [size, , , outChannels] = filter.shape as [number, number, number, number];
  const along = (length: number) => Math.floor((length + 2 * geometry.padding - size) / geometry.stride) + 1;
  const shape = [images, along(height), along(width), outChannels];
  const [from, weights, y] = [x.data, filter.data, zeros(shape)];
  forEachTap(x.shape, filter.shape, shape, geometry, (xStart, filterStart, yStart) => {
    for (let c = 0; c < inChannels; c++) {
      const value = from[xStart + c]!;
      const row = filterStart + c * outChannels;
      for (let o = 0; o < outChannels; o++) y[yStart + o]! += value * weights[row + o]!;
    }
  });
  return { shape, data: y };
}

/** The gradient of Σ dy · y by x, which has the shape `shape`. */
export function inputGradient(
  shape: number[],
  filter: Array64,
  dy: Array64,
  geometry: Geometry,
): Float64Array {
  const [inChannels, outChannels] = filter.shape.slice(2) as [number, number];
  const [from, weights, dx] = [dy.data, filter.data, zeros(shape)];
  forEachTap(shape, filter.shape, dy.shape, geometry, (xStart, filterStart, yStart) => {
    for (let c = 0; c < inChannels; c++) {
      const row = filterStart + c * outChannels;
      let sum = 0;
      for (let o = 0; o < outChannels; o++) sum += from[yStart + o]! * weights[row + o]!;
      dx[xStart + c]! += sum;
    }
  });
  return dx;
}

/** The gradient of Σ dy · y by the filter, which has the shape `shape`. */
export function filterGradient(x: Array64, shape: number[], dy: Array64, geometry: Geometry): Float64Array {
  const [inChannels, outChannels] = shape.slice(2) as [number, number];
  const [from, above, gradient] = [x.data, dy.data, zeros(shape)];
  forEachTap(x.shape, shape, dy.shape, geometry, (xStart, filterStart, yStart) => {
    for (let c = 0; c < inChannels; c++) {
      const value = from[xStart + c]!;
      const row = filterStart + c * outChannels;
      for (let o = 0; o < outChannels; o++) gradient[row + o]! += value * above[yStart + o]!;
    }
  });
  return gradient;
}

function zeros(shape: number[]): Float64Array {
  return new Float64Array(shape.reduce((product, length) => product * length, 1));
}

/** Visits all taps that lie in the image, with where their channels begin in x, in the filter and in y. */
function forEachTap(
  xShape: number[],
  filterShape: number[],
  yShape: number[],
  { stride, padding }: Geometry,
  visit: (from: number, weights: number, to: number) => void,
): void {
  const [images, height, width, inChannels] = xShape as [number, number, number, number];
  const [filterHeight, filterWidth] = filterShape as [number, number];
  const [, outHeight, outWidth, outChannels] = yShape as [number, number, number, number];
  for (let image = 0; image < images; image++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const to = ((image * outHeight + i) * outWidth + j) * outChannels;
        for (let a = 0; a < filterHeight; a++) {
          for (let b = 0; b < filterWidth; b++) {
            const [row, column] = [i * stride + a - padding, j * stride + b - padding];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            const from = ((image * height + row) * width + column) * inChannels;
            visit(from, (a * filterWidth + b) * inChannels * outChannels, to);
          }
        }
      }
    }
  }
}
