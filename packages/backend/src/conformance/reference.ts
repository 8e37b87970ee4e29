import type { ConvGeometry } from '../ops/index.js';
/**
 * Every operation written from its definition, in float64 and with plain loops: slow, and meant to be evident.
 * Tensors are flat arrays in the layouts of the operations themselves.
 */

export interface Array64 {
  shape: number[];
  data: Float64Array;
}

export type Reference = (inputs: Record<string, Array64>) => Array64;

export function array64(shape: number[], at: (index: number) => number = () => 0): Array64 {
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    shape,
    data: Float64Array.from({ length: size }, (_, index) => at(index)),
  };
}

/** The offset of an element from its coordinates. */
function at(shape: readonly number[], ...coordinates: number[]): number {
  return coordinates.reduce((offset, coordinate, axis) => offset * shape[axis]! + coordinate, 0);
}

export function conv2d(
  x: Array64,
  filter: Array64,
  { stride, padding, dilation = 1 }: ConvGeometry,
): Array64 {
  const [count, height, width, inChannels] = x.shape as [number, number, number, number];
  const [filterHeight, filterWidth, , outChannels] = filter.shape as [number, number, number, number];
  const outHeight = Math.floor((height + 2 * padding - dilation * (filterHeight - 1) - 1) / stride) + 1;
  const outWidth = Math.floor((width + 2 * padding - dilation * (filterWidth - 1) - 1) / stride) + 1;
  const y = array64([count, outHeight, outWidth, outChannels]);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let o = 0; o < outChannels; o++) {
          let sum = 0;
          for (let a = 0; a < filterHeight; a++) {
            for (let b = 0; b < filterWidth; b++) {
              const row = i * stride + a * dilation - padding;
              const column = j * stride + b * dilation - padding;
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              for (let c = 0; c < inChannels; c++) {
                sum += x.data[at(x.shape, n, row, column, c)]! * filter.data[at(filter.shape, a, b, c, o)]!;
              }
            }
          }
          y.data[at(y.shape, n, i, j, o)] = sum;
        }
      }
    }
  }
  return y;
}

/** Mean and biased variance of each channel. */
export function moments(x: Array64): {
  mean: Float64Array;
  variance: Float64Array;
} {
  const channels = x.shape[3]!;
  const pixels = x.data.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (const [index, value] of x.data.entries()) mean[index % channels]! += value / pixels;
  for (const [index, value] of x.data.entries()) {
    variance[index % channels]! += (value - mean[index % channels]!) ** 2 / pixels;
  }
  return { mean, variance };
}

export function batchNorm(
  x: Array64,
  gamma: Array64,
  beta: Array64,
  epsilon: number,
  { mean, variance }: { mean: Float64Array; variance: Float64Array } = moments(x),
): Array64 {
  const channels = x.shape[3]!;
  return array64(x.shape, (index) => {
    const c = index % channels;
    return ((x.data[index]! - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * gamma.data[c]! + beta.data[c]!;
  });
}

export function channelAffine(x: Array64, scale: Array64, shift: Array64): Array64 {
  const channels = x.shape[3]!;
  return array64(x.shape, (index) => {
    return x.data[index]! * scale.data[index % channels]! + shift.data[index % channels]!;
  });
}

export function add(a: Array64, b: Array64 | undefined): Array64 {
  return b ? array64(a.shape, (index) => a.data[index]! + b.data[index % b.data.length]!) : a;
}

export function relu(x: Array64, use = true): Array64 {
  return use ? array64(x.shape, (index) => Math.max(0, x.data[index]!)) : x;
}

export function maxPool(x: Array64, size: number, stride: number, padding: number): Array64 {
  const [count, height, width, channels] = x.shape as [number, number, number, number];
  const outHeight = Math.floor((height + 2 * padding - size) / stride) + 1;
  const outWidth = Math.floor((width + 2 * padding - size) / stride) + 1;
  const y = array64([count, outHeight, outWidth, channels], () => -Infinity);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight * stride; i += stride) {
      for (let j = 0; j < outWidth * stride; j += stride) {
        for (let row = Math.max(0, i - padding); row < Math.min(height, i - padding + size); row++) {
          for (
            let column = Math.max(0, j - padding);
            column < Math.min(width, j - padding + size);
            column++
          ) {
            for (let c = 0; c < channels; c++) {
              const to = at(y.shape, n, i / stride, j / stride, c);
              y.data[to] = Math.max(y.data[to]!, x.data[at(x.shape, n, row, column, c)]!);
            }
          }
        }
      }
    }
  }
  return y;
}

export function globalAveragePool(x: Array64): Array64 {
  const [count, height, width, channels] = x.shape as [number, number, number, number];
  const y = array64([count, channels]);
  for (const [index, value] of x.data.entries()) {
    const n = Math.floor(index / (height * width * channels));
    y.data[n * channels + (index % channels)]! += value / (height * width);
  }
  return y;
}

export function linear(x: Array64, weight: Array64, bias: Array64): Array64 {
  const [count, inFeatures] = x.shape as [number, number];
  const outFeatures = weight.shape[1]!;
  return array64([count, outFeatures], (index) => {
    const [n, o] = [Math.floor(index / outFeatures), index % outFeatures];
    let sum = bias.data[o]!;
    for (let i = 0; i < inFeatures; i++)
      sum += x.data[n * inFeatures + i]! * weight.data[i * outFeatures + o]!;
    return sum;
  });
}

export function softmaxCrossEntropy(logits: Array64, labels: readonly number[]): Array64 {
  const [count, classes] = logits.shape as [number, number];
  let loss = 0;
  for (let n = 0; n < count; n++) {
    const row = [...logits.data.subarray(n * classes, (n + 1) * classes)];
    const largest = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    loss += (Math.log(total) + largest - row[labels[n]!]!) / count;
  }
  return array64([], () => loss);
}

export function subsamplePad(x: Array64, stride: number, channels: number): Array64 {
  const [count, height, width, inChannels] = x.shape as [number, number, number, number];
  const [outHeight, outWidth] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const before = Math.floor((channels - inChannels) / 2);
  return array64([count, outHeight, outWidth, channels], (index) => {
    const channel = (index % channels) - before;
    const column = Math.floor(index / channels) % outWidth;
    const row = Math.floor(index / (channels * outWidth)) % outHeight;
    const n = Math.floor(index / (channels * outWidth * outHeight));
    if (channel < 0 || channel >= inChannels) return 0;
    return x.data[at(x.shape, n, row * stride, column * stride, channel)]!;
  });
}

/**
 * The gradient of Σ dy · f by central differences, element by element. In float64 the step of 1e-5 leaves
 * errors of about 1e-9.
 */
export function numericalGradient(
  reference: Reference,
  inputs: Record<string, Array64>,
  name: string,
  dy: Array64,
) {
  const step = 1e-5;
  const input = inputs[name]!;
  const total = () => reference(inputs).data.reduce((sum, value, index) => sum + value * dy.data[index]!, 0);
  return array64(input.shape, (index) => {
    const value = input.data[index]!;
    input.data[index] = value + step;
    const above = total();
    input.data[index] = value - step;
    const below = total();
    input.data[index] = value;
    return (above - below) / (2 * step);
  });
}
