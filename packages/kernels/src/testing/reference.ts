/**
 * What the kernels compute, written from the definitions with plain loops in float64: slow, and meant to be evident.
 * Tensors are flat arrays in the kernels' own layouts: images are [images, height, width, channels].
 */
import type { Windows } from './windows.js';

export type Numbers = ArrayLike<number>;

/** Calls `visit` for every tap of every output pixel that lies in the image. Pixels count rows of all images. */
function forEachTap(windows: Windows, visit: (pixel: number, inputPixel: number, tap: number) => void): void {
  const { images, height, width, outHeight, outWidth, filterHeight, filterWidth } = windows;
  for (let image = 0; image < images; image++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const pixel = (image * outHeight + i) * outWidth + j;
        for (let a = 0; a < filterHeight; a++) {
          for (let b = 0; b < filterWidth; b++) {
            const row = i * windows.strideHeight + a * windows.dilationHeight - windows.padTop;
            const column = j * windows.strideWidth + b * windows.dilationWidth - windows.padLeft;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            visit(pixel, (image * height + row) * width + column, a * filterWidth + b);
          }
        }
      }
    }
  }
}

/**
 * The standard deviation of values of y, of x's gradient and of the filter's gradient, where all that they are made of
 * is normally distributed: the root of the number of products in the longest sum.
 */
export function deviations(windows: Windows): Record<'y' | 'x' | 'filter', number> {
  const counts = {
    y: new Map<number, number>(),
    x: new Map<number, number>(),
    filter: new Map<number, number>(),
  };
  const count = (sums: Map<number, number>, index: number) => sums.set(index, (sums.get(index) ?? 0) + 1);
  forEachTap(windows, (pixel, inputPixel, tap) => {
    count(counts.y, pixel);
    count(counts.x, inputPixel);
    count(counts.filter, tap);
  });
  const most = (sums: Map<number, number>) => [...sums.values()].reduce((a, b) => Math.max(a, b), 0);
  return {
    y: Math.sqrt(most(counts.y) * windows.inChannels),
    x: Math.sqrt(most(counts.x) * windows.outChannels),
    filter: Math.sqrt(most(counts.filter)),
  };
}

/** x and filter [filterHeight, filterWidth, inChannels, outChannels] → y */
export function convolution(windows: Windows, x: Numbers, filter: Numbers): Float64Array {
  const { inChannels, outChannels } = windows;
  const y = new Float64Array(windows.images * windows.outHeight * windows.outWidth * outChannels);
  forEachTap(windows, (pixel, inputPixel, tap) => {
    for (let c = 0; c < inChannels; c++) {
      const value = x[inputPixel * inChannels + c]!;
      const weights = (tap * inChannels + c) * outChannels;
      for (let o = 0; o < outChannels; o++) y[pixel * outChannels + o]! += value * filter[weights + o]!;
    }
  });
  return y;
}

/** The gradient of Σ dy · convolution(x, filter) by x. */
export function convolutionInputGradient(windows: Windows, dy: Numbers, filter: Numbers): Float64Array {
  const { inChannels, outChannels } = windows;
  const dx = new Float64Array(windows.images * windows.height * windows.width * inChannels);
  forEachTap(windows, (pixel, inputPixel, tap) => {
    for (let c = 0; c < inChannels; c++) {
      const weights = (tap * inChannels + c) * outChannels;
      let sum = 0;
      for (let o = 0; o < outChannels; o++) sum += dy[pixel * outChannels + o]! * filter[weights + o]!;
      dx[inputPixel * inChannels + c]! += sum;
    }
  });
  return dx;
}

/** The gradient of Σ dy · convolution(x, filter) by the filter. */
export function convolutionFilterGradient(windows: Windows, x: Numbers, dy: Numbers): Float64Array {
  const { inChannels, outChannels } = windows;
  const gradient = new Float64Array(windows.filterHeight * windows.filterWidth * inChannels * outChannels);
  forEachTap(windows, (pixel, inputPixel, tap) => {
    for (let c = 0; c < inChannels; c++) {
      const value = x[inputPixel * inChannels + c]!;
      const weights = (tap * inChannels + c) * outChannels;
      for (let o = 0; o < outChannels; o++) gradient[weights + o]! += value * dy[pixel * outChannels + o]!;
    }
  });
  return gradient;
}

/** relu(values + bias of each channel + residual), each part where given. */
export function epilogue(
  values: Numbers,
  channels: number,
  { bias, residual, relu }: { bias?: Numbers | undefined; residual?: Numbers | undefined; relu?: boolean },
): Float64Array {
  return Float64Array.from(values, (value, index) => {
    const sum = value + (bias?.[index % channels] ?? 0) + (residual?.[index] ?? 0);
    return relu ? Math.max(0, sum) : sum;
  });
}

export interface Moments {
  mean: Float64Array;
  /** Biased: divided by the number of pixels. */
  variance: Float64Array;
}

export function moments(x: Numbers, channels: number): Moments {
  const pixels = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let index = 0; index < x.length; index++) mean[index % channels]! += x[index]! / pixels;
  for (let index = 0; index < x.length; index++) {
    const channel = index % channels;
    variance[channel]! += (x[index]! - mean[channel]!) ** 2 / pixels;
  }
  return { mean, variance };
}

export interface Normalization {
  gamma: Numbers;
  beta: Numbers;
  epsilon: number;
}

/** (x - mean) / √(variance + epsilon) · gamma + beta */
export function normalization(
  x: Numbers,
  { mean, variance }: { mean: Numbers; variance: Numbers },
  { gamma, beta, epsilon }: Normalization,
): Float64Array {
  const channels = gamma.length;
  return Float64Array.from(x, (value, index) => {
    const channel = index % channels;
    const normalized = (value - mean[channel]!) / Math.sqrt(variance[channel]! + epsilon);
    return normalized * gamma[channel]! + beta[channel]!;
  });
}

/** The gradient before a ReLU that gave y. */
export function reluGradient(dy: Numbers, y: Numbers): Float64Array {
  return Float64Array.from(dy, (value, index) => (y[index]! > 0 ? value : 0));
}

/** The gradients of Σ dy · normalization(x) by x, gamma and beta, where the moments are those of x. */
export function normalizationGradient(
  x: Numbers,
  dy: Numbers,
  gamma: Numbers,
  epsilon: number,
): { dx: Float64Array; dGamma: Float64Array; dBeta: Float64Array } {
  const channels = gamma.length;
  const pixels = x.length / channels;
  const { mean, variance } = moments(x, channels);
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const normalized = (index: number) => (x[index]! - mean[index % channels]!) * inverse[index % channels]!;
  const dGamma = new Float64Array(channels);
  const dBeta = new Float64Array(channels);
  for (let index = 0; index < x.length; index++) {
    dGamma[index % channels]! += dy[index]! * normalized(index);
    dBeta[index % channels]! += dy[index]!;
  }
  const dx = Float64Array.from(dy, (value, index) => {
    const channel = index % channels;
    const common = (dBeta[channel]! + normalized(index) * dGamma[channel]!) / pixels;
    return gamma[channel]! * inverse[channel]! * (value - common);
  });
  return { dx, dGamma, dBeta };
}

/** The largest value of each window; padding counts as minus infinity, and so does NaN, as everywhere in tfjs. */
export function maxPool(windows: Windows, x: Numbers): Float64Array {
  const channels = windows.inChannels;
  const y = new Float64Array(windows.images * windows.outHeight * windows.outWidth * channels).fill(
    -Infinity,
  );
  forEachTap(windows, (pixel, inputPixel) => {
    for (let c = 0; c < channels; c++) {
      const value = x[inputPixel * channels + c]!;
      if (value > y[pixel * channels + c]!) y[pixel * channels + c] = value;
    }
  });
  return y;
}

/** Each window's gradient goes to its first largest pixel, in the order of rows. */
export function maxPoolGradient(windows: Windows, x: Numbers, dy: Numbers): Float64Array {
  const channels = windows.inChannels;
  const largest = maxPool(windows, x);
  const isGiven = new Uint8Array(dy.length);
  const dx = new Float64Array(x.length);
  forEachTap(windows, (pixel, inputPixel) => {
    for (let c = 0; c < channels; c++) {
      const [from, to] = [pixel * channels + c, inputPixel * channels + c];
      if (isGiven[from] || x[to] !== largest[from]) continue;
      isGiven[from] = 1;
      dx[to]! += dy[from]!;
    }
  });
  return dx;
}

/** x [images, pixels, channels] → [images, channels] */
export function globalAveragePool(
  images: number,
  pixels: number,
  channels: number,
  x: Numbers,
): Float64Array {
  const y = new Float64Array(images * channels);
  for (let index = 0; index < x.length; index++) {
    const image = Math.floor(index / (pixels * channels));
    y[image * channels + (index % channels)]! += x[index]! / pixels;
  }
  return y;
}

export function globalAveragePoolGradient(pixels: number, channels: number, dy: Numbers): Float64Array {
  return Float64Array.from({ length: dy.length * pixels }, (_, index) => {
    const image = Math.floor(index / (pixels * channels));
    return dy[image * channels + (index % channels)]! / pixels;
  });
}

/** a [rows, depth] · b [depth, columns]; either may be stored transposed. */
export function matMul(
  [rows, depth, columns]: [number, number, number],
  a: Numbers,
  b: Numbers,
  { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean },
): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      const left = a[transposeA ? k * rows + row : row * depth + k]!;
      sum += left * b[transposeB ? column * depth + k : k * columns + column]!;
    }
    return sum;
  });
}

/** The mean over rows of -log softmax(logits)[label], and its gradient. */
export function softmaxCrossEntropy(
  logits: Numbers,
  labels: Numbers,
): { loss: number; dLogits: Float64Array } {
  const rows = labels.length;
  const classes = logits.length / rows;
  const dLogits = new Float64Array(logits.length);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: classes }, (_, k) => logits[row * classes + k]!);
    const largest = Math.max(...values);
    const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    const label = labels[row]!;
    loss += (Math.log(total) - (values[label]! - largest)) / rows;
    for (const [k, value] of values.entries()) {
      dLogits[row * classes + k] = (Math.exp(value - largest) / total - (k === label ? 1 : 0)) / rows;
    }
  }
  return { loss, dLogits };
}

/** velocity ← momentum · velocity + gradient + weightDecay · parameter; parameter ← parameter - learningRate · velocity */
export function gradientDescent(
  { parameter, velocity, gradient }: { parameter: Numbers; velocity: Numbers; gradient: Numbers },
  rates: Record<
    'learningRate' | 'momentum' | 'weightDecay' | 'gradientScale' | 'decoupledDecay' | 'nesterov',
    number
  >,
): { parameter: Float64Array; velocity: Float64Array } {
  const { learningRate, momentum, weightDecay, gradientScale, decoupledDecay, nesterov } = rates;
  const decayed = Float64Array.from(
    gradient,
    (value, index) => gradientScale * value + weightDecay * parameter[index]!,
  );
  const speed = decayed.map((value, index) => momentum * velocity[index]! + value);
  const step = nesterov ? speed.map((value, index) => momentum * value + decayed[index]!) : speed;
  return {
    parameter: Float64Array.from(
      parameter,
      (value, index) => value - learningRate * (step[index]! + decoupledDecay * value),
    ),
    velocity: speed,
  };
}
