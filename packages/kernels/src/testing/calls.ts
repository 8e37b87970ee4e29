import fc from 'fast-check';
import {
  type ConvolutionCase,
  convolutions,
  layers,
  layersOfNetworks,
  normalizations,
  oursOf,
  type PoolCase,
  pools,
} from './arbitraries.js';
import { regionCalls, regionCases } from './region-cases.js';
import type { runKernel, Values } from './run-kernel.js';
import { filled, normalTensor, shapesOf } from './tensors.js';

/** What `runKernel` takes: a kernel's name, inputs and attributes. */
export type Call = Parameters<typeof runKernel>;

/** Calls of every kernel with generated shapes. */
export function callsOfAllKernels(count: number, seed: number): Call[] {
  const sample = <T>(arbitrary: fc.Arbitrary<T>) => fc.sample(arbitrary, { numRuns: count, seed });
  return [
    ...sample(convolutions).flatMap(convolutionCalls),
    ...sample(layers).flatMap(layerCalls),
    ...sample(normalizations).flatMap(({ images, height, width, channels, relu, residual, seed }) =>
      normalizationCalls([images, height, width, channels], relu, residual, seed),
    ),
    ...sample(pools).flatMap(poolCalls),
    ...sample(regionCases).flatMap(regionCalls),
    ...sample(fc.tuple(lengths, lengths, lengths)).flatMap(matMulCalls),
    ...sample(fc.tuple(lengths, lengths)).flatMap(([rows, classes]) => endCalls(rows, classes)),
  ];
}

/** Calls of every kernel with shapes that are split among threads. */
export function largeCalls(): Call[] {
  return [
    ...layersOfNetworks.flatMap((layer) => [...convolutionCalls(layer), ...layerCalls(layer)]),
    ...normalizationCalls([5, 32, 32, 67], true, true, 1),
    ...matMulCalls([300, 512, 100]),
    ...endCalls(4500, 100),
    ...regionCalls(manyRegions),
    ['Add', { a: normalTensor([5, 32, 32, 64], 1), b: normalTensor([5, 32, 32, 64], 2) }],
  ];
}

const lengths = fc.integer({ min: 1, max: 200 });

const manyRegions = {
  shape: [2, 50, 60, 67],
  grid: {
    regions: Array.from({ length: 5000 }, (_, index) => {
      const [x, y] = [(7 * index) % 50, (11 * index) % 40];
      return [index % 2, x, y, x + (index % 13), y + (index % 17)];
    }).flat(),
    ...{ rows: 3, columns: 2, scale: 1 },
  },
  sampling: { samplingRatio: 2, aligned: true },
  seed: 1,
};

function convolutionCalls({ windows, attributes, seed }: ConvolutionCase): Call[] {
  const shape = shapesOf(windows);
  const x = normalTensor(shape.x, seed);
  const filter = normalTensor(shape.filter, seed + 1);
  const dy = normalTensor(shape.y, seed + 2);
  return [
    ['Conv2D', { x, filter }, attributes],
    ['Conv2DBackpropInput', { dy, filter }, { ...attributes, inputShape: shape.x }],
    ['Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape: shape.filter }],
  ];
}

function layerCalls({ windows, attributes, seed }: ConvolutionCase): Call[] {
  const shape = shapesOf(windows);
  const x = normalTensor(shape.x, seed);
  const filter = normalTensor(shape.filter, seed + 1);
  const residual = normalTensor(shape.y, seed + 2);
  const bias = normalTensor(shape.bias, seed + 3);
  const [gamma, beta] = [normalTensor(shape.bias, seed + 4), bias];
  const [mean, variance] = [bias, filled(shape.bias, 2)];
  const ours = { ...oursOf(windows, attributes), relu: true, epsilon: 1e-5 };
  return [
    ['FusedConv2D', { x, filter, bias }, { ...attributes, activation: 'relu' }],
    ['FusedResidualConv2d', { x, filter, bias, residual }, ours],
    ['ConvBatchNormTraining', { x, filter, gamma, beta, residual }, ours],
    ['ConvBatchNormInference', { x, filter, gamma, beta, mean, variance, residual }, ours],
  ];
}

function normalizationCalls(shape: number[], relu: boolean, residual: boolean, seed: number): Call[] {
  const [x, y, dy] = [0, 1, 2].map((offset) => normalTensor(shape, seed + offset)) as Values<Float32Array>[];
  const channels = [shape.at(-1)!];
  const [gamma, beta] = [normalTensor(channels, seed + 3), normalTensor(channels, seed + 4)];
  const [mean, variance] = [filled(channels, 0), filled(channels, 1)];
  const attributes = { epsilon: 1e-5, relu, residual };
  return [
    ['BatchNormTraining', { x, gamma, beta, ...(residual ? { residual: y } : {}) }, attributes],
    ['BatchNormTrainingGradient', { dy, x, y, gamma, mean, variance }, attributes],
  ];
}

function matMulCalls([rows, depth, columns]: [number, number, number]): Call[] {
  const a = normalTensor([rows, depth], rows);
  const b = normalTensor([depth, columns], columns);
  const turnedA = { shape: [depth, rows], values: a.values };
  const turnedB = { shape: [columns, depth], values: b.values };
  return [
    ['BatchMatMul', { a, b }, { transposeA: false, transposeB: false }],
    ['BatchMatMul', { a: turnedA, b }, { transposeA: true, transposeB: false }],
    ['BatchMatMul', { a, b: turnedB }, { transposeA: false, transposeB: true }],
    [
      '_FusedMatMul',
      { a, b, bias: normalTensor([columns], 1) },
      { transposeA: false, transposeB: false, activation: 'relu' },
    ],
  ];
}

function poolCalls({ windows, attributes, seed }: PoolCase): Call[] {
  const { x, y } = shapesOf(windows);
  const [input, dy, output] = [normalTensor(x, seed), normalTensor(y, seed), filled(y, 1)];
  const { height, width } = windows;
  const mean = normalTensor([windows.images, windows.inChannels], seed);
  return [
    ['MaxPool', { x: input }, attributes],
    ['MaxPoolGrad', { dy, input, output }, attributes],
    ['GlobalAveragePool', { x: input }],
    ['GlobalAveragePoolGradient', { dy: mean }, { height, width }],
    ['SubsamplePad', { x: input }, { stride: 2, channels: windows.inChannels + 5 }],
  ];
}

/** The loss, and a step of as many parameters as there are logits. */
function endCalls(rows: number, classes: number): Call[] {
  const logits = normalTensor([rows, classes], rows);
  const labels = { shape: [rows], values: new Int32Array(rows) };
  const step = { parameter0: logits, velocity0: logits, gradient0: logits };
  return [
    ['SoftmaxCrossEntropy', { logits, labels }],
    [
      'SgdUpdate',
      step,
      {
        learningRate: 0.1,
        momentum: 0.9,
        weightDecay: 1e-4,
        gradientScale: 1,
        decoupledDecay: 0,
        nesterov: 0,
      },
    ],
  ];
}

/** A call's shapes, for a test's message. */
export function titleOf([name, inputs, attributes]: Call): string {
  const shapes = Object.entries(inputs).map(([name, input]) => `${name} [${input?.shape}]`);
  return `${name} ${shapes.join(' ')} ${JSON.stringify(attributes)}`;
}
