import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as ops from '../ops/index.js';
import { backendsLeftOut, backendsUnderTest, useBackendUnderTest } from './backends.js';
import { differenceOf } from './difference-of.js';
import * as reference from './reference.js';
import { type Array64, array64, numericalGradient, type Reference } from './reference.js';

/** An operation and its definition, to be compared in value and in the gradient of every input. */
interface Case {
  title: string;
  shapes: Record<string, number[]>;
  run(inputs: Record<string, tf.Tensor>): tf.Tensor;
  reference: Reference;
  /** Added to every element of the input of this name. */
  offset?: Record<string, number>;
  /** Default: 3e-6 for the value and 2e-5 for the gradients, relative to the largest. */
  tolerance?: { value: number; gradient: number };
}

type Tensors = {
  x: tf.Tensor4D;
  filter: tf.Tensor4D;
  gamma: tf.Tensor1D;
  beta: tf.Tensor1D;
  residual?: tf.Tensor4D;
};

interface ConvolutionCase extends ops.ConvGeometry {
  x: number[];
  filter: number[];
}

const convolutions: ConvolutionCase[] = [
  { x: [2, 8, 8, 4], filter: [3, 3, 4, 8], stride: 1, padding: 1 },
  { x: [2, 8, 8, 4], filter: [3, 3, 4, 8], stride: 2, padding: 1 },
  { x: [1, 7, 5, 3], filter: [3, 3, 3, 5], stride: 1, padding: 1 },
  { x: [1, 7, 9, 3], filter: [3, 3, 3, 5], stride: 2, padding: 1 },
  { x: [3, 6, 6, 4], filter: [1, 1, 4, 6], stride: 1, padding: 0 },
  { x: [2, 7, 7, 4], filter: [1, 1, 4, 6], stride: 2, padding: 0 },
  { x: [1, 6, 8, 1], filter: [1, 1, 1, 2], stride: 2, padding: 0 },
  { x: [1, 13, 11, 3], filter: [7, 7, 3, 4], stride: 2, padding: 3 },
  { x: [2, 5, 5, 2], filter: [3, 3, 2, 2], stride: 1, padding: 0 },
  { x: [1, 6, 7, 2], filter: [3, 2, 2, 3], stride: 3, padding: 1 },
  { x: [1, 4, 4, 2], filter: [1, 1, 2, 3], stride: 1, padding: 2 },
  { x: [1, 3, 3, 1], filter: [3, 3, 1, 1], stride: 1, padding: 0 },
  { x: [2, 7, 9, 3], filter: [3, 3, 3, 4], stride: 1, padding: 2, dilation: 2 },
  { x: [1, 9, 8, 4], filter: [3, 3, 4, 3], stride: 2, padding: 3, dilation: 3 },
];

const images = [
  [2, 4, 4, 3],
  [1, 5, 3, 4],
  [3, 1, 1, 2],
  [5, 2, 7, 8],
];

const epilogues = [
  { relu: false, residual: false },
  { relu: true, residual: false },
  { relu: false, residual: true },
  { relu: true, residual: true },
];

const named = ({ relu, residual }: { relu: boolean; residual: boolean }) =>
  `${residual ? ' + residual' : ''}${relu ? ' + ReLU' : ''}`;

const epsilon = 1e-3;
const fixedMoments = (channels: number) => ({
  mean: Float64Array.from({ length: channels }, (_, c) => 0.3 * c - 0.5),
  variance: Float64Array.from({ length: channels }, (_, c) => 0.4 + 0.3 * c),
});
const asTensors = ({ mean, variance }: { mean: Float64Array; variance: Float64Array }) => ({
  mean: tf.tensor1d(Float32Array.from(mean)),
  variance: tf.tensor1d(Float32Array.from(variance)),
});

const cases: Case[] = [
  ...convolutions.flatMap(({ x, filter, ...geometry }: ConvolutionCase) =>
    epilogues.map((epilogue): Case => {
      const bias = [filter[3]!];
      const outShape = reference.conv2d(array64(x), array64(filter), geometry).shape;
      return {
        title: `conv2d [${x}] * [${filter}] ${JSON.stringify(geometry)}${named(epilogue)}`,
        shapes: {
          x,
          filter,
          ...(epilogue.relu ? { bias } : {}),
          ...(epilogue.residual ? { residual: outShape } : {}),
        },
        run: (inputs) => {
          const { x, filter, bias, residual } = inputs as Tensors & {
            bias?: tf.Tensor1D;
          };
          return ops.conv2d(x, filter, {
            ...geometry,
            bias,
            residual,
            relu: epilogue.relu,
          });
        },
        reference: ({ x, filter, bias, residual }) => {
          const y = reference.add(reference.conv2d(x!, filter!, geometry), bias);
          return reference.relu(reference.add(y, residual), epilogue.relu);
        },
      };
    }),
  ),
  ...images.flatMap((x) =>
    epilogues.flatMap((epilogue): Case[] => {
      const channels = [x[3]!];
      const shapes = {
        x,
        gamma: channels,
        beta: channels,
        ...(epilogue.residual ? { residual: x } : {}),
      };
      const finish = (y: Array64, residual: Array64 | undefined) =>
        reference.relu(reference.add(y, residual), epilogue.relu);
      return [
        {
          title: `batchNormTraining [${x}]${named(epilogue)}`,
          shapes,
          run: (inputs) => {
            const { x, gamma, beta, residual } = inputs as Tensors;
            const parameters = { gamma, beta, epsilon };
            return ops.batchNormTraining(x, parameters, {
              residual,
              relu: epilogue.relu,
            }).y;
          },
          reference: ({ x, gamma, beta, residual }) =>
            finish(reference.batchNorm(x!, gamma!, beta!, epsilon), residual),
        },
        {
          title: `batchNormInference [${x}]${named(epilogue)}`,
          shapes,
          run: (inputs) => {
            const { x, gamma, beta, residual } = inputs as Tensors;
            const moments = asTensors(fixedMoments(x.shape[3]));
            return ops.batchNormInference(x, { gamma, beta, epsilon }, moments, {
              residual,
              relu: epilogue.relu,
            });
          },
          reference: ({ x, gamma, beta, residual }) =>
            finish(reference.batchNorm(x!, gamma!, beta!, epsilon, fixedMoments(x!.shape[3]!)), residual),
        },
      ];
    }),
  ),
  {
    title: 'batchNormTraining of values far from zero',
    shapes: { x: [4, 6, 6, 2], gamma: [2], beta: [2] },
    offset: { x: 100 },
    // Float32 keeps 100 to 4e-6, which is that much of a standard deviation of 1.
    tolerance: { value: 2e-5, gradient: 1e-4 },
    run: (inputs) => {
      const { x, gamma, beta } = inputs as Tensors;
      return ops.batchNormTraining(x, { gamma, beta, epsilon }).y;
    },
    reference: ({ x, gamma, beta }) => reference.batchNorm(x!, gamma!, beta!, epsilon),
  },
  ...epilogues.flatMap((epilogue): Case[] => {
    const shapes = {
      x: [2, 6, 5, 3],
      filter: [3, 3, 3, 4],
      gamma: [4],
      beta: [4],
    };
    const geometry = { stride: 2, padding: 2, dilation: 2 };
    const withResidual = {
      ...shapes,
      ...(epilogue.residual ? { residual: [2, 3, 3, 4] } : {}),
    };
    const finish = (y: Array64, residual: Array64 | undefined) =>
      reference.relu(reference.add(y, residual), epilogue.relu);
    return [
      {
        title: `convBatchNormTraining${named(epilogue)}`,
        shapes: withResidual,
        run: (inputs) => {
          const { x, filter, gamma, beta, residual } = inputs as Tensors;
          const parameters = { gamma, beta, epsilon };
          return ops.convBatchNormTraining(x, filter, geometry, parameters, {
            residual,
            relu: epilogue.relu,
          }).y;
        },
        reference: ({ x, filter, gamma, beta, residual }) => {
          const convolved = reference.conv2d(x!, filter!, geometry);
          return finish(reference.batchNorm(convolved, gamma!, beta!, epsilon), residual);
        },
      },
      {
        title: `convBatchNormInference${named(epilogue)}`,
        shapes: withResidual,
        run: (inputs) => {
          const { x, filter, gamma, beta, residual } = inputs as Tensors;
          const options = { residual, relu: epilogue.relu };
          const moments = asTensors(fixedMoments(4));
          return ops.convBatchNormInference(x, filter, geometry, { gamma, beta, epsilon }, moments, options);
        },
        reference: ({ x, filter, gamma, beta, residual }) => {
          const convolved = reference.conv2d(x!, filter!, geometry);
          return finish(reference.batchNorm(convolved, gamma!, beta!, epsilon, fixedMoments(4)), residual);
        },
      },
    ];
  }),
  ...[false, true].map((relu): Case => {
    return {
      title: `channelAffine${relu ? ' + ReLU' : ''}`,
      shapes: { x: [2, 3, 5, 4], scale: [4], shift: [4] },
      run: ({ x, scale, shift }) =>
        ops.channelAffine(x as tf.Tensor4D, scale as tf.Tensor1D, shift as tf.Tensor1D, relu),
      reference: ({ x, scale, shift }) => reference.relu(reference.channelAffine(x!, scale!, shift!), relu),
    };
  }),
  ...[
    { x: [2, 8, 8, 3], size: 3, stride: 2, padding: 1 },
    { x: [1, 7, 9, 2], size: 3, stride: 2, padding: 1 },
    { x: [1, 6, 6, 4], size: 2, stride: 2, padding: 0 },
    { x: [2, 5, 5, 1], size: 3, stride: 1, padding: 1 },
  ].map(
    ({ x, size, stride, padding }): Case => ({
      title: `maxPool [${x}] size ${size} stride ${stride} padding ${padding}`,
      shapes: { x },
      run: ({ x }) => ops.maxPool(x as tf.Tensor4D, { size, stride, padding }),
      reference: ({ x }) => reference.maxPool(x!, size, stride, padding),
      offset: { x: -3 },
    }),
  ),
  ...images.map((x): Case => {
    return {
      title: `globalAveragePool [${x}]`,
      shapes: { x },
      run: ({ x }) => ops.globalAveragePool(x as tf.Tensor4D),
      reference: ({ x }) => reference.globalAveragePool(x!),
    };
  }),
  ...[1, 4].map((count): Case => {
    return {
      title: `linear, batch ${count}`,
      shapes: { x: [count, 6], weight: [6, 5], bias: [5] },
      run: ({ x, weight, bias }) => ops.linear(x as tf.Tensor2D, weight as tf.Tensor2D, bias as tf.Tensor1D),
      reference: ({ x, weight, bias }) => reference.linear(x!, weight!, bias!),
    };
  }),
  ...[[2], [0, 3, 1, 3, 2]].map((labels): Case => {
    return {
      title: `softmaxCrossEntropy, batch ${labels.length}`,
      shapes: { logits: [labels.length, 4] },
      run: ({ logits }) => ops.softmaxCrossEntropy(logits as tf.Tensor2D, tf.tensor1d(labels, 'int32')),
      reference: ({ logits }) => reference.softmaxCrossEntropy(logits!, labels),
    };
  }),
  ...[
    { x: [2, 6, 6, 4], stride: 2, channels: 8 },
    { x: [1, 5, 7, 3], stride: 2, channels: 8 },
    { x: [1, 4, 4, 2], stride: 1, channels: 5 },
    { x: [2, 3, 3, 2], stride: 2, channels: 2 },
  ].map(
    ({ x, stride, channels }): Case => ({
      title: `subsamplePad [${x}] stride ${stride} to ${channels} channels`,
      shapes: { x },
      run: ({ x }) => ops.subsamplePad(x as tf.Tensor4D, stride, channels),
      reference: ({ x }) => reference.subsamplePad(x!, stride, channels),
    }),
  ),
];

/** Float32 inputs, so that reference and operation see the same numbers. */
function randomInputs({ shapes, offset }: Case, random: Random): Record<string, Array64> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      return [name, array64(shape, () => Math.fround(random.normal() + (offset?.[name] ?? 0)))];
    }),
  );
}

/** What the definition gives, computed once for all backends. */
const expectations = new Map<Case, ReturnType<typeof expectationOf>>();

function expectationOf(operation: Case) {
  const random = new Random(2015);
  const inputs = randomInputs(operation, random);
  const value = operation.reference(inputs);
  const dy = array64(value.shape, () => Math.fround(random.normal()));
  const gradients = Object.keys(inputs).map((name) =>
    numericalGradient(operation.reference, inputs, name, dy),
  );
  return { inputs, value, dy, gradients };
}

it.for(backendsLeftOut)('operations on $label', ({ reason }, { skip }) => skip(reason));

describe.each(backendsUnderTest)('operations on $label', (underTest) => {
  const backend = useBackendUnderTest(underTest);

  it('runs on the backend that was asked for', () => {
    const { name, options } = underTest;
    expect(backend().name).toBe(name);
    if (options.threads !== undefined) expect(backend().threads).toBe(options.threads);
  });

  it.each(cases)('$title', async (operation) => {
    if (!expectations.has(operation)) expectations.set(operation, expectationOf(operation));
    const expected = expectations.get(operation)!;
    const tensorsBefore = tf.memory().numTensors;

    const { value, gradients } = tf.tidy(() => {
      const tensorOf = ({ data, shape }: Array64) => tf.tensor(Float32Array.from(data), shape);
      const names = Object.keys(expected.inputs);
      const tensors = Object.values(expected.inputs).map(tensorOf);
      const run = (...args: tf.Tensor[]) =>
        operation.run(Object.fromEntries(names.map((n, i) => [n, args[i]!])));
      const gradients = tf.grads(run)(tensors, tensorOf(expected.dy));
      return { value: run(...tensors), gradients };
    });
    expect(await differenceOf(value, expected.value)).toBeLessThan(operation.tolerance?.value ?? 3e-6);
    for (const [index, name] of Object.keys(expected.inputs).entries()) {
      const difference = await differenceOf(gradients[index]!, expected.gradients[index]!);
      expect(difference, `gradient of ${name}`).toBeLessThan(operation.tolerance?.gradient ?? 2e-5);
    }
    tf.dispose([value, gradients]);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('leaks nothing from an operation outside tidy', () => {
    const [x, filter] = [tf.ones<tf.Rank.R4>([2, 4, 4, 3]), tf.ones<tf.Rank.R4>([3, 3, 3, 2])];
    const [gamma, beta] = [tf.ones([2]) as tf.Tensor1D, tf.zeros([2]) as tf.Tensor1D];
    const before = tf.memory().numTensors;
    const geometry = { stride: 1, padding: 1 };
    const { y, mean, variance } = ops.convBatchNormTraining(
      x,
      filter,
      geometry,
      { gamma, beta, epsilon },
      { relu: true },
    );
    const inference = ops.convBatchNormInference(
      x,
      filter,
      geometry,
      { gamma, beta, epsilon },
      { mean, variance },
    );
    expect(tf.memory().numTensors).toBe(before + 4);
    tf.dispose([y, mean, variance, inference]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, filter, gamma, beta]);
  });

  it('gives the mean and the biased variance of the batch', async () => {
    const x = array64([3, 4, 5, 2], (index) => Math.fround(new Random(3, index).normal() * 2 + 1));
    const expected = reference.moments(x);
    const { mean, variance } = tf.tidy(() => {
      const parameters = {
        gamma: tf.ones([2]) as tf.Tensor1D,
        beta: tf.zeros([2]) as tf.Tensor1D,
        epsilon,
      };
      const tensor = tf.tensor<tf.Rank.R4>(Float32Array.from(x.data), [3, 4, 5, 2]);
      return { ...ops.batchNormTraining(tensor, parameters) };
    });
    expect(await differenceOf(mean, { shape: [2], data: expected.mean })).toBeLessThan(1e-6);
    expect(await differenceOf(variance, { shape: [2], data: expected.variance })).toBeLessThan(1e-6);
    tf.dispose([mean, variance]);
  });

  it('updates a parameter by PyTorch’s rule of SGD with momentum and weight decay', async () => {
    const [parameter, velocity] = [tf.variable(tf.tensor1d([1, -2])), tf.variable(tf.zeros([2]))];
    const hyperparameters = {
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 0.01,
    };
    let [p, v] = [
      [1, -2],
      [0, 0],
    ];
    for (const gradient of [
      [0.5, 1],
      [-1, 0.25],
      [0.125, 2],
    ]) {
      tf.tidy(() =>
        ops.sgdUpdate([{ parameter, velocity, gradient: tf.tensor1d(gradient) }], hyperparameters),
      );
      v = v.map((value, i) => 0.9 * value + gradient[i]! + 0.01 * p[i]!);
      p = p.map((value, i) => value - 0.1 * v[i]!);
    }
    expect(await differenceOf(parameter, { shape: [2], data: Float64Array.from(p) })).toBeLessThan(1e-6);
    expect(await differenceOf(velocity, { shape: [2], data: Float64Array.from(v) })).toBeLessThan(1e-6);
    tf.dispose([parameter, velocity]);
  });

  it.each([1, 2, 40])('sums the squares of %d tensors', async (count) => {
    const tensorsBefore = tf.memory().numTensors;
    const tensors = Array.from({ length: count }, (_, index) => {
      const values = Float32Array.from({ length: 1 + 300 * (index % 7) }, (_, position) =>
        new Random(index, position).normal(),
      );
      return tf.tensor1d(values);
    });
    let expected = 0;
    for (const tensor of tensors) for (const value of await tensor.data()) expected += value * value;
    const sum = ops.sumOfSquares(tensors);
    expect(await differenceOf(sum, { shape: [], data: Float64Array.of(expected) })).toBeLessThan(1e-6);
    tf.dispose([sum, tensors]);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('takes moments of a batch into running ones, the variance unbiased', async () => {
    const tensorsBefore = tf.memory().numTensors;
    const running = { mean: tf.tensor1d([1, -2, 0]), variance: tf.tensor1d([1, 4, 0.5]) };
    const batch = { mean: tf.tensor1d([3, 2, 1]), variance: tf.tensor1d([2, 1, 0]) };
    const { mean, variance } = ops.blendMoments(running, batch, 5, 0.1);
    const expectedMean = { shape: [3], data: Float64Array.of(1.2, -1.6, 0.1) };
    const expectedVariance = { shape: [3], data: Float64Array.of(1.15, 3.725, 0.45) };
    expect(await differenceOf(mean, expectedMean)).toBeLessThan(1e-6);
    expect(await differenceOf(variance, expectedVariance)).toBeLessThan(1e-6);
    tf.dispose([mean, variance, ...Object.values(running), ...Object.values(batch)]);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('refuses shapes that do not fit, saying what it got', () => {
    const x = tf.zeros<tf.Rank.R4>([1, 4, 4, 3]);
    const filter = tf.zeros<tf.Rank.R4>([3, 3, 2, 5]);
    const error = expect.objectContaining({
      code: 'SHAPE_MISMATCH',
      message: expect.stringContaining('1,4,4,3'),
    });
    expect(() => ops.conv2d(x, filter)).toThrow(error);
    expect(() => ops.conv2d(x, tf.zeros([5, 5, 3, 1]))).toThrow(error);
    expect(() => ops.subsamplePad(x, 1, 2)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
    tf.dispose([x, filter]);
  });
});
