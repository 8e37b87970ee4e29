import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attributes } from '../contracts/contract.js';
import { install, type Kernels } from '../install.js';
import { startThreadedBackend } from '../testing/threaded-backend.js';
import type { Int8Products } from './context.js';
import { int8Products, relaxedDot } from './products.js';

interface Path {
  title: string;
  products: Int8Products;
  winograd: boolean;
  threads: number;
  /**
   * Of the bytes of images. Products of bytes are exact in every engine for values of seven bits; where the engine has them for
   * eight, `int8Products` finds out.
   */
  bytes: [from: number, to: number];
}

const paths: Path[] = [
  { title: 'words, Winograd', products: { kind: 'words' }, winograd: true, threads: 1, bytes: [0, 256] },
  { title: 'words', products: { kind: 'words' }, winograd: false, threads: 1, bytes: [0, 256] },
  {
    title: 'words, Winograd, 2 threads',
    products: { kind: 'words' },
    winograd: true,
    threads: 2,
    bytes: [0, 256],
  },
  { title: 'words, 3 threads', products: { kind: 'words' }, winograd: false, threads: 3, bytes: [0, 256] },
  { title: 'bytes', products: { kind: 'bytes', flip: 0 }, winograd: true, threads: 1, bytes: [0, 128] },
  {
    title: 'bytes, 3 threads',
    products: { kind: 'bytes', flip: 0 },
    winograd: true,
    threads: 3,
    bytes: [0, 128],
  },
  {
    title: 'signed bytes',
    products: { kind: 'bytes', flip: 0x80 },
    winograd: true,
    threads: 1,
    bytes: [128, 256],
  },
  {
    title: 'signed bytes, 2 threads',
    products: { kind: 'bytes', flip: 0x80 },
    winograd: true,
    threads: 2,
    bytes: [128, 256],
  },
];

type Window = Pick<Attributes<'Int8Convolution'>, 'stride' | 'padding' | 'dilation'>;

/** A call, with all values in JavaScript. */
interface Call {
  x: Uint8Array;
  xShape: [number, number, number, number];
  filter: Int8Array;
  filterShape: [number, number, number, number];
  scale: Float32Array;
  bias: Int32Array;
  residual: Uint8Array | undefined;
  attributes: Attributes<'Int8Convolution'>;
}

describe.each(paths)('int8 kernels by $title', ({ title, products, winograd, threads, bytes }) => {
  let kernels: Kernels;
  beforeAll(async () => {
    await startThreadedBackend();
    kernels = await install({ threads, winograd });
    await kernels.loadInt8(products);
  });
  afterAll(() => kernels.dispose());

  it('gives the bits of exact integer sums, for 400 convolutions', () => {
    if (products.kind === 'bytes' && relaxedDot()(127, 127) !== 4 * 127 * 127) {
      // V8's baseline compiler of Node 20 gives twice the product, so that bytes must never be chosen there.
      expect(process.versions.node).toMatch(/^20\./);
      expect(int8Products(true)).toEqual({ kind: 'words' });
      return;
    }
    const random = new Random(1, ...[...title].map((letter) => letter.charCodeAt(0)));
    for (let round = 0; round < 400; round++) {
      const call = convolutionOf(random, bytes, round % 8 === 0);
      expect(run(call), JSON.stringify([call.xShape, call.filterShape, call.attributes])).toEqual(
        expected(call),
      );
    }
    expect(tf.memory().numTensors).toBe(0);
  });

  it('round floats to what bytes can be, and pass gradients inside of the range', () => {
    const random = new Random(5);
    for (const size of [1, 2, 3, 4, 5, 63, 1000, 16_383, 16_385, 50_000]) {
      const scale = Math.fround(0.01 + 0.1 * random.uniform());
      const zero = random.int(256);
      // Halves of a step, the ends and what is outside of them, and NaN.
      const values = Float32Array.from({ length: size }, () =>
        random.int(500) === 0 ? Number.NaN : scale * (random.int(1200) / 2 - 150 - zero),
      );
      const [x, dy] = [tf.tensor1d(values), tf.tensor1d(values.map(() => random.normal()))];
      const attributes = { scale, zero };
      const y = tf.engine().runKernel('FakeQuantize', { x }, attributes) as tf.Tensor;
      const dx = tf.engine().runKernel('FakeQuantizeGradient', { x, dy }, attributes) as tf.Tensor;
      const steps = values.map((value) => roundHalfToEven(Math.fround(value / scale)));
      const kept = steps.map((step) => Math.min(255 - zero, Math.max(-zero, step)));
      const gradients = dy.dataSync().map((gradient, index) => (steps[index] === kept[index] ? gradient : 0));
      // -0 is 0 here.
      const plain = (numbers: ArrayLike<number>) => Float32Array.from(numbers, (number) => number + 0);
      expect(plain(y.dataSync())).toEqual(plain(kept.map((step) => step * scale)));
      expect(plain(dx.dataSync())).toEqual(plain(gradients));
      tf.dispose([x, dy, y, dx]);
    }
    expect(tf.memory().numTensors).toBe(0);
  });
});

describe('int8 kernels', () => {
  it('refuse 1,000 spoiled calls or compute them, with a code and without a trace', async () => {
    await tf.setBackend('wasm');
    const kernels = await install({ threads: 1 });
    await kernels.loadInt8();
    const random = new Random(11);
    const before = tf.memory().numTensors;
    let refused = 0;
    for (let round = 0; round < 1000; round++) {
      const [name, inputs, attributes] = spoiled(random);
      try {
        tf.dispose(tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap));
      } catch (error) {
        expect(error, `${name} ${JSON.stringify(attributes)}`).toMatchObject({ code: 'INPUT_INVALID' });
        refused++;
      }
      tf.dispose(inputs);
      expect(tf.memory().numTensors).toBe(before);
    }
    expect(refused).toBeGreaterThan(600);
    kernels.dispose();
  });
});

/** A call of which one to three things are wrong. */
function spoiled(random: Random): [name: string, tf.NamedTensorMap, Record<string, unknown>] {
  const pick = <T>(values: readonly T[]) => values[random.int(values.length)]!;
  const map = (shape: number[]) => tf.tensor(new Uint8Array(shape.reduce((a, b) => a * b, 1)), shape, 'bool');
  const window = { stride: 1, padding: 1, size: 3 };
  const range = { scale: 0.5, zero: 3 };
  const name = pick([
    'Int8Convolution',
    'Int8MaxPool',
    'Int8AveragePool',
    'Int8Quantize',
    'Int8Dequantize',
    'Int8SubsamplePad',
    'FakeQuantize',
    'FakeQuantizeGradient',
  ]);
  const isOfFloats = name === 'Int8Quantize' || name.startsWith('Fake');
  const inputs: tf.NamedTensorMap = { x: isOfFloats ? tf.zeros([3, 5]) : map([2, 6, 6, 8]) };
  if (name === 'FakeQuantizeGradient') inputs.dy = tf.zeros([3, 5]);
  let attributes: Record<string, unknown> = {
    ...window,
    ...range,
    inputZero: 4,
    window: [2, 2],
    channels: 9,
  };
  if (name === 'Int8Convolution') {
    Object.assign(inputs, {
      filter: map([3, 3, 8, 4]),
      scale: tf.ones([4]),
      bias: tf.zeros([4], 'int32'),
      residual: map([2, 6, 6, 4]),
    });
    attributes = {
      stride: 1,
      padding: 1,
      dilation: 1,
      inputZero: 4,
      zero: 3,
      relu: true,
      residualZero: 3,
      residualScale: 0.5,
      isFloat: false,
    };
  }
  for (let spoils = 1 + random.int(3); spoils > 0; spoils--) {
    if (random.int(2) === 0) {
      const input = pick(Object.keys(inputs));
      const shape = pick([
        [],
        [0],
        [4],
        [2, 6, 6, 4],
        [2, 6, 6, 8],
        [3, 3, 8, 4],
        [3, 3, 7, 4],
        [2, 6, 8],
        [0, 6, 6, 8],
        [2, 6, 6, 0],
        [1, 1, 1, 1],
      ]);
      inputs[input]!.dispose();
      inputs[input] = tf.zeros(shape, pick(['bool', 'float32', 'int32'] as const));
    } else {
      attributes[pick(Object.keys(attributes))] = pick([
        -1,
        0,
        1.5,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        1e9,
        300,
        undefined,
        'same',
        [],
        [0, 1],
        [1e9, 1],
        true,
        -0.5,
      ]);
    }
  }
  return [name, inputs, attributes];
}

describe('int8Products', () => {
  it('takes products of bytes only where they are exact for eight bits', () => {
    expect(int8Products(false)).toEqual({ kind: 'words' });
    const products = int8Products(true);
    if (products.kind === 'words') return;
    const dot = relaxedDot();
    for (let byte = 0; byte < 256; byte++) {
      for (let weight = -128; weight < 128; weight++) {
        const value = products.flip === 0 ? byte : (byte << 24) >> 24;
        // Integers have no −0.
        expect(dot(weight, byte)).toBe(4 * weight * value + 0);
      }
    }
  });
});

/** @param isExtreme all values are the largest and the smallest there are */
function convolutionOf(random: Random, [from, to]: [number, number], isExtreme: boolean): Call {
  const pick = (values: readonly number[]) => values[random.int(values.length)]!;
  const size = pick([1, 1, 3, 3, 3, 2, 5, 7]);
  const window: Window = {
    stride: pick([1, 1, 2, 3]),
    padding: random.int(size),
    dilation: pick([1, 1, 1, 2]),
  };
  const reach = window.dilation * (size - 1) + 1;
  const [height, width] = [reach + random.int(12), reach + random.int(12)];
  const inChannels = pick([1, 2, 3, 4, 5, 7, 8, 12, 16, 24, 31, 40]);
  const channels = pick([1, 3, 4, 7, 8, 9, 12, 16, 20, 24]);
  const images = 1 + random.int(5);
  const byte = () => (isExtreme ? pick([from, to - 1]) : from + random.int(to - from));
  const weight = () => (isExtreme ? pick([-128, 127]) : random.int(256) - 128);
  const along = (length: number) => outputsAlong(length, size, window);
  const outputs = images * along(height) * along(width) * channels;
  const isFloat = random.int(8) === 0;
  const hasResidual = !isFloat && random.int(2) === 0;
  const unit = 1 / (128 * Math.sqrt(size * size * inChannels) * 30);
  return {
    x: Uint8Array.from({ length: images * height * width * inChannels }, byte),
    xShape: [images, height, width, inChannels],
    filter: Int8Array.from({ length: size * size * inChannels * channels }, weight),
    filterShape: [size, size, inChannels, channels],
    scale: Float32Array.from({ length: channels }, () => unit * random.uniform()),
    bias: Int32Array.from({ length: channels }, () => random.int(200_000) - 100_000),
    residual: hasResidual ? Uint8Array.from({ length: outputs }, () => random.int(256)) : undefined,
    attributes: {
      ...window,
      inputZero: from + random.int(to - from),
      zero: random.int(256),
      relu: !isFloat && random.int(2) === 0,
      residualZero: random.int(256),
      residualScale: random.uniform() + 0.01,
      isFloat,
    },
  };
}

function run({ x, xShape, filter, filterShape, scale, bias, residual, attributes }: Call): number[] {
  return tf.tidy(() => {
    const images = tf.tensor(x, xShape, 'bool');
    const weights = tf.tensor(new Uint8Array(filter.buffer), filterShape, 'bool');
    const inputs: tf.NamedTensorMap = {
      x: images,
      filter: weights,
      scale: tf.tensor1d(scale),
      bias: tf.tensor1d(bias, 'int32'),
    };
    if (residual) {
      const [count, height, width] = xShape;
      const [size, , , channels] = filterShape;
      const along = (length: number) => outputsAlong(length, size, attributes);
      inputs.residual = tf.tensor(residual, [count, along(height), along(width), channels], 'bool');
    }
    const y = tf
      .engine()
      .runKernel('Int8Convolution', inputs, attributes as unknown as tf.NamedAttrMap) as tf.Tensor;
    return [...y.dataSync()];
  });
}

/** The contract, in exact integers and with every float operation rounded to float32. */
function expected({ x, xShape, filter, filterShape, scale, bias, residual, attributes }: Call): number[] {
  const { stride, padding, dilation, inputZero, zero, relu, residualZero, residualScale, isFloat } =
    attributes;
  const [images, height, width, inChannels] = xShape;
  const [size, , , channels] = filterShape;
  const rows = outputsAlong(height, size, attributes);
  const columns = outputsAlong(width, size, attributes);
  const { fround } = Math;
  const result: number[] = [];
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const sums = [...bias];
        for (let a = 0; a < size; a++) {
          for (let b = 0; b < size; b++) {
            const [y, z] = [row * stride - padding + a * dilation, column * stride - padding + b * dilation];
            if (y < 0 || z < 0 || y >= height || z >= width) continue;
            const pixel = ((image * height + y) * width + z) * inChannels;
            const tap = (a * size + b) * inChannels;
            for (let k = 0; k < inChannels; k++) {
              const value = x[pixel + k]! - inputZero;
              for (let channel = 0; channel < channels; channel++) {
                sums[channel]! += value * filter[(tap + k) * channels + channel]!;
              }
            }
          }
        }
        for (const [channel, sum] of sums.entries()) {
          let value = fround(fround(sum) * scale[channel]!);
          if (!isFloat) {
            if (residual) {
              const other = residual[result.length]! - residualZero;
              value = fround(value + fround(other * fround(residualScale)));
            }
            value = roundHalfToEven(Math.min(255 - zero, Math.max(relu ? 0 : -zero, value))) + zero;
          }
          result.push(value);
        }
      }
    }
  }
  return result;
}

function outputsAlong(length: number, size: number, { stride, padding, dilation }: Window): number {
  return Math.floor((length + 2 * padding - dilation * (size - 1) - 1) / stride) + 1;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
