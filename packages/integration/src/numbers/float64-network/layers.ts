import { type Array64, convolution, filterGradient, type Geometry, inputGradient } from './convolution.js';
import { normalization, normalizationGradient } from './normalization.js';

/** What a ReLU lets through: 1 where its result is positive, else 0. */
export type Mask = Uint8Array;

/** Where values are positive. */
export function maskOf(values: ArrayLike<number>): Mask {
  return Uint8Array.from(values, (value) => (value > 0 ? 1 : 0));
}

/** A layer that has been computed. */
export interface Applied {
  output: Float64Array;
  /** What goes into the layer's ReLU, if it ends with one. */
  beforeRelu?: Float64Array;
  /** The gradients of the inputs, by name, where dy is that of the output and the ReLU has let through what the mask says. */
  gradients(dy: Float64Array, mask: Mask): Record<string, Float64Array>;
}

type Layer = (inputs: Record<string, Array64>, attributes: never) => Applied;

/** The layers of a network for CIFAR with option A in float64, by the names of the kernels that do them. */
export const layers: Record<string, Layer> = {
  ConvBatchNormTraining,
  SubsamplePad,
  GlobalAveragePool,
  BatchMatMul,
  Add,
  SoftmaxCrossEntropy,
};

function ConvBatchNormTraining(
  { x, filter, gamma, beta, residual }: Record<string, Array64>,
  { epsilon, relu, ...geometry }: Geometry & { epsilon: number; relu: boolean },
): Applied {
  if (!relu) throw new Error('Only layers that end with a ReLU are replayed.');
  const convolved = convolution(x!, filter!, geometry);
  const normalized = normalization(convolved.data, gamma!.data, beta!.data, epsilon);
  const beforeRelu = residual ? normalized.map((value, index) => value + residual.data[index]!) : normalized;
  return {
    output: beforeRelu.map((value) => Math.max(0, value)),
    beforeRelu,
    gradients: (dy, mask) => {
      const dSum = dy.map((value, index) => value * mask[index]!);
      const { dx, dGamma, dBeta } = normalizationGradient(convolved.data, gamma!.data, dSum, epsilon);
      const dConvolved = { shape: convolved.shape, data: dx };
      return {
        x: inputGradient(x!.shape, filter!, dConvolved, geometry),
        filter: filterGradient(x!, filter!.shape, dConvolved, geometry),
        gamma: dGamma,
        beta: dBeta,
        residual: dSum,
      };
    },
  };
}

function SubsamplePad(
  { x }: Record<string, Array64>,
  { stride, channels }: { stride: number; channels: number },
): Applied {
  const [images, height, width, inChannels] = x!.shape as [number, number, number, number];
  const before = Math.floor((channels - inChannels) / 2);
  /** Where a value of x comes to be in y; -1 for those that are left out. */
  const target = (index: number) => {
    const position = Math.floor(index / inChannels);
    const [row, column] = [Math.floor(position / width) % height, position % width];
    if (row % stride !== 0 || column % stride !== 0) return -1;
    const image = Math.floor(position / width / height);
    const outRow = image * Math.ceil(height / stride) + row / stride;
    const outPlace = outRow * Math.ceil(width / stride) + column / stride;
    return outPlace * channels + before + (index % inChannels);
  };
  const output = new Float64Array(images * Math.ceil(height / stride) * Math.ceil(width / stride) * channels);
  x!.data.forEach((value, index) => {
    if (target(index) >= 0) output[target(index)] = value;
  });
  return {
    output,
    gradients: (dy) => ({ x: x!.data.map((_, index) => (target(index) < 0 ? 0 : dy[target(index)]!)) }),
  };
}

function GlobalAveragePool({ x }: Record<string, Array64>): Applied {
  const [images, height, width, channels] = x!.shape as [number, number, number, number];
  const positions = height * width;
  const target = (index: number) =>
    Math.floor(index / (positions * channels)) * channels + (index % channels);
  const output = new Float64Array(images * channels);
  x!.data.forEach((value, index) => {
    output[target(index)]! += value / positions;
  });
  return { output, gradients: (dy) => ({ x: x!.data.map((_, index) => dy[target(index)]! / positions) }) };
}

function BatchMatMul({ a, b }: Record<string, Array64>): Applied {
  const [rows, depth] = a!.shape as [number, number];
  const columns = b!.shape[1]!;
  const output = new Float64Array(rows * columns);
  const forEachProduct = (visit: (left: number, right: number, to: number) => void) => {
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < depth; k++) {
        for (let column = 0; column < columns; column++) {
          visit(row * depth + k, k * columns + column, row * columns + column);
        }
      }
    }
  };
  forEachProduct((left, right, to) => {
    output[to]! += a!.data[left]! * b!.data[right]!;
  });
  return {
    output,
    gradients: (dy) => {
      const [da, db] = [new Float64Array(a!.data.length), new Float64Array(b!.data.length)];
      forEachProduct((left, right, to) => {
        da[left]! += dy[to]! * b!.data[right]!;
        db[right]! += dy[to]! * a!.data[left]!;
      });
      return { a: da, b: db };
    },
  };
}

/** Of a matrix and a row that is added to all of its rows. */
function Add({ a, b }: Record<string, Array64>): Applied {
  const columns = b!.data.length;
  return {
    output: a!.data.map((value, index) => value + b!.data[index % columns]!),
    gradients: (dy) => {
      const db = new Float64Array(columns);
      dy.forEach((value, index) => {
        db[index % columns]! += value;
      });
      return { a: dy, b: db };
    },
  };
}

function SoftmaxCrossEntropy({ logits, labels }: Record<string, Array64>): Applied {
  const [rows, classes] = logits!.shape as [number, number];
  const dLogits = new Float64Array(rows * classes);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const values = logits!.data.subarray(row * classes, (row + 1) * classes);
    const label = labels!.data[row]!;
    const total = values.reduce((sum, value) => sum + Math.exp(value), 0);
    loss += (Math.log(total) - values[label]!) / rows;
    values.forEach((value, column) => {
      const target = column === label ? 1 : 0;
      dLogits[row * classes + column] = (Math.exp(value) / total - target) / rows;
    });
  }
  return {
    output: Float64Array.of(loss),
    gradients: (dy) => ({ logits: dLogits.map((value) => value * dy[0]!) }),
  };
}
