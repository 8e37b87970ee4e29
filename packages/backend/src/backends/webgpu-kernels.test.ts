/// <reference types="@webgpu/types" />

import { Random, ResnetError } from '@resnet/core';
import { installWebgpu } from '@resnet/kernels/webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Backend, useBackend } from '../backend.js';
import { differenceOf } from '../conformance/difference-of.js';
import * as reference from '../conformance/reference.js';
import { type Array64, array64 } from '../conformance/reference.js';
import { batchNormTraining, batchNormTrainingGradient } from '../ops/batch-norm.js';
import { type SgdHyperparameters, sgdUpdate } from '../ops/sgd-update.js';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.js';

const epsilon = 1e-3;
type Shape = [number, number, number, number];

/** Gives the tests of a `describe` the backend; where it can't be had they are skipped. */
function useWebgpu(): void {
  let backend: Backend | undefined;
  let reason = '';
  beforeAll(async () => {
    try {
      backend = await useBackend('webgpu');
    } catch (error) {
      if (!ResnetError.is(error)) throw error;
      reason = error.message;
    }
    return () => backend?.dispose();
  });
  beforeEach(({ skip }) => skip(!backend, reason));
}

describe('the kernels on webgpu', () => {
  useWebgpu();
  let tensorsBefore = 0;
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    vi.restoreAllMocks();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it.each([
    { x: [4, 16, 16, 16], filter: [3, 3, 16, 40], stride: 1, pad: 1 },
    { x: [9, 14, 14, 5], filter: [3, 3, 5, 16], stride: 2, pad: 1 },
    { x: [3, 17, 15, 3], filter: [7, 7, 3, 20], stride: 2, pad: 3 },
    { x: [2, 9, 9, 70], filter: [1, 1, 70, 33], stride: 1, pad: 0 },
    { x: [2, 8, 10, 4], filter: [3, 2, 4, 6], stride: 2, pad: 'same' },
    { x: [2, 8, 10, 4], filter: [3, 2, 4, 6], stride: 1, pad: 'valid' },
  ] as const)('the gradient of filters $filter on $x, stride $stride, padding $pad', async (sizes) => {
    const [shape, filterShape] = [[...sizes.x], [...sizes.filter]] as [Shape, Shape];
    const info = tf.backend_util.computeConv2DInfo(shape, filterShape, sizes.stride, 1, sizes.pad);
    const random = new Random(15);
    const [x, dy] = [normals(random, shape), normals(random, info.outShape)];
    const inputs = { x: tensorOf(x), dy: tensorOf(dy) };
    const attributes = {
      strides: sizes.stride,
      pad: sizes.pad,
      dataFormat: 'NHWC',
      filterShape,
    };
    const gradient = tf.engine().runKernel('Conv2DBackpropFilter', inputs, attributes) as tf.Tensor;
    const expected = filterGradientOf(x, dy, info);
    expect(await differenceOf(gradient, { shape: filterShape, data: expected })).toBeLessThan(5e-6);
    tf.dispose([gradient, inputs]);
  });

  describe.each([
    { shape: [1, 3, 2, 1], offset: 0 },
    { shape: [5, 9, 7, 1], offset: 0 },
    { shape: [3, 4, 5, 3], offset: -5 },
    { shape: [8, 32, 32, 16], offset: 1 },
    { shape: [2, 6, 6, 64], offset: 0 },
    { shape: [2, 3, 3, 2048], offset: 2 },
    { shape: [4, 17, 16, 5], offset: 1000 },
  ])('batch normalization of [$shape] around $offset', ({ shape, offset }) => {
    // Float32 keeps a mean to so much of a standard deviation of 1.
    const tolerance = Math.max(5e-6, Math.abs(offset) * 2e-7);
    const channels = shape[3]!;
    let inputs: Record<'x' | 'gamma' | 'beta' | 'residual' | 'dy', Array64>;
    beforeAll(() => {
      const random = new Random(14);
      inputs = {
        x: normals(random, shape, offset),
        gamma: normals(random, [channels]),
        beta: normals(random, [channels]),
        residual: normals(random, shape),
        dy: normals(random, shape),
      };
    });

    it('gives the statistics, the values and all gradients', async () => {
      const [x, dy, residual] = [inputs.x, inputs.dy, inputs.residual].map(tensorOf<tf.Tensor4D>);
      const [gamma, beta] = [inputs.gamma, inputs.beta].map(tensorOf<tf.Tensor1D>);
      const parameters = { gamma: gamma!, beta: beta!, epsilon };
      const { y, mean, variance } = batchNormTraining(x!, parameters, { residual, relu: true });
      const made = batchNormTrainingGradient(
        { dy: dy!, x: x!, y, gamma: gamma!, mean, variance },
        { epsilon, relu: true, residual: true },
      );

      const moments = reference.moments(inputs.x);
      const normalized = reference.batchNorm(inputs.x, inputs.gamma, inputs.beta, epsilon, moments);
      const expected = reference.relu(reference.add(normalized, inputs.residual));
      expect(
        await differenceOf(
          mean,
          array64([channels], (c) => moments.mean[c]!),
        ),
      ).toBeLessThan(1e-6);
      expect(
        await differenceOf(
          variance,
          array64([channels], (c) => moments.variance[c]!),
        ),
      ).toBeLessThan(tolerance);
      expect(await differenceOf(y, expected)).toBeLessThan(tolerance);

      // A y that is nearly 0 may be rounded to either side.
      const positive = await y.data();
      const masked = array64(shape, (index) => (positive[index]! > 0 ? inputs.dy.data[index]! : 0));
      const gradients = batchNormGradient(inputs.x, masked, inputs.gamma, moments);
      expect(await differenceOf(made.dResidual!, masked)).toBe(0);
      expect(await differenceOf(made.dx, gradients.dx)).toBeLessThan(2 * tolerance);
      expect(await differenceOf(made.dGamma, gradients.dGamma)).toBeLessThan(2 * tolerance);
      expect(await differenceOf(made.dBeta, gradients.dBeta)).toBeLessThan(2 * tolerance);
      tf.dispose([{ x, dy, residual, gamma, beta, y, mean, variance }, made] as tf.TensorContainer);
    });
  });

  it('takes more elements than there can be workgroups', async () => {
    limitOf('maxComputeWorkgroupsPerDimension', 3);
    const x = normals(new Random(3), [2, 5, 23, 16]);
    const gamma = array64([16], () => 1);
    const beta = array64([16], () => 0);
    const y = tf.tidy(() => {
      const parameters = { gamma: tensorOf<tf.Tensor1D>(gamma), beta: tensorOf<tf.Tensor1D>(beta), epsilon };
      return batchNormTraining(tensorOf(x), parameters).y;
    });
    expect(await differenceOf(y, reference.batchNorm(x, gamma, beta, epsilon))).toBeLessThan(5e-6);
    y.dispose();
    const logits = normals(new Random(4), [11, 10]);
    const labels = Array.from({ length: 11 }, (_, row) => row % 10);
    const loss = tf.tidy(() => softmaxCrossEntropy(tensorOf(logits), tf.tensor1d(labels, 'int32')));
    expect(await differenceOf(loss, reference.softmaxCrossEntropy(logits, labels))).toBeLessThan(3e-6);
    loss.dispose();
  });

  describe.each<SgdHyperparameters & { of: number }>([
    { of: 1, learningRate: 0.1, momentum: 0.9, weightDecay: 0 },
    { of: 7, learningRate: 0.1, momentum: 0.9, weightDecay: 1e-2, nesterov: true, gradientScale: 0.5 },
    { of: 40, learningRate: 0.05, momentum: 0.8, weightDecay: 0, decoupledDecay: 0.1 },
  ])('gradient descent of $of parameters', ({ of, ...hyperparameters }) => {
    /** Two steps from the same beginning. */
    const updated = async (read = false) => {
      const random = new Random(5);
      const slots = Array.from({ length: of }, (_, index) => {
        const shape = [index % 3 === 0 ? 1 + index : 300 + index];
        const [parameter, velocity] = [normals(random, shape), normals(random, shape)].map(variableOf);
        return { parameter: parameter!, velocity: velocity!, shape };
      });
      for (let step = 0; step < 2; step++) {
        // What tfjs keeps of the values that it has read must not outlive them.
        if (read) await slots[0]!.parameter.data();
        const gradients = slots.map(({ shape }) => tensorOf(normals(random, shape)));
        sgdUpdate(
          slots.map(({ parameter, velocity }, index) => ({
            parameter,
            velocity,
            gradient: gradients[index]!,
          })),
          hyperparameters,
        );
        tf.dispose(gradients);
      }
      const values: number[][] = [];
      for (const variable of slots.flatMap(({ parameter, velocity }) => [parameter, velocity])) {
        values.push([...(await variable.data())]);
        variable.dispose();
      }
      return values.flat();
    };

    it.each([3, 8, Infinity])('gives what the portable body gives, with %s bindings', async (most) => {
      const { limits } = tfjsBackend().device;
      limitOf('maxStorageBuffersPerShaderStage', Math.min(most, limits.maxStorageBuffersPerShaderStage));
      const dispatches = vi.spyOn(tfjsBackend(), 'recordAndSubmit');
      const values = await updated(true);
      const together = Math.floor(tfjsBackend().device.limits.maxStorageBuffersPerShaderStage / 3);
      expect(dispatches).toHaveBeenCalledTimes(2 * Math.ceil(of / together));
      vi.restoreAllMocks();
      const expected = await portably('SgdUpdate', () => updated());
      expect(values.length).toBe(expected.length);
      for (const [index, value] of values.entries()) expect(value).toBeCloseTo(expected[index]!, 5);
    });
  });

  it('leaves the data alone that others hold as well', async () => {
    const hyperparameters = { learningRate: 0.5, momentum: 0.5, weightDecay: 0 };
    const initial = tf.tensor1d([1, 2]);
    const [parameter, velocity] = [tf.variable(initial), variableOf(array64([2], () => 1))];
    const held = velocity.clone();
    const gradient = tf.tensor1d([1, 0]);
    sgdUpdate([{ parameter, velocity, gradient }], hyperparameters);
    expect([...(await initial.data())]).toEqual([1, 2]);
    expect([...(await held.data())]).toEqual([1, 1]);
    expect([...(await parameter.data())]).toEqual([0.25, 1.75]);
    expect([...(await velocity.data())]).toEqual([1.5, 0.5]);
    // A gradient that is the parameter.
    sgdUpdate([{ parameter, velocity, gradient: parameter }], hyperparameters);
    expect([...(await velocity.data())]).toEqual([1, 2]);
    expect([...(await parameter.data())]).toEqual([-0.25, 0.75]);
    tf.dispose([initial, held, gradient, parameter, velocity]);
  });

  it('takes no memory for an update', () => {
    const bytes = () => (tf.memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
    const [parameter, velocity] = [variableOf(array64([1000], () => 1)), variableOf(array64([1000]))];
    const gradient = tf.ones([1000]);
    const step = () =>
      sgdUpdate([{ parameter, velocity, gradient }], { learningRate: 0.1, momentum: 0.9, weightDecay: 0 });
    step();
    const before = bytes();
    step();
    // Besides the numbers that go with the dispatch.
    expect(bytes() - before).toBeLessThan(200);
    tf.dispose([parameter, velocity, gradient]);
  });

  it.each([
    { rows: 1, classes: 10, spread: 1 },
    { rows: 300, classes: 10, spread: 1 },
    { rows: 3, classes: 1000, spread: 3 },
    { rows: 4, classes: 257, spread: 500 },
  ])(
    'softmax cross-entropy of $rows rows, $classes classes, spread by $spread',
    async ({ rows, classes, spread }) => {
      const random = new Random(6);
      const logits = array64([rows, classes], () => Math.fround(spread * random.normal()));
      const labels = Array.from({ length: rows }, (_, row) => (7 * row) % classes);
      const { value, grad } = tf.tidy(() => {
        const target = tf.tensor1d(labels, 'int32');
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
          softmaxCrossEntropy(x as tf.Tensor2D, target),
        )(tensorOf(logits));
        return { value, grad };
      });
      expect(await differenceOf(value, reference.softmaxCrossEntropy(logits, labels))).toBeLessThan(3e-6);
      expect(await differenceOf(grad, softmaxGradient(logits, labels))).toBeLessThan(2e-5);
      tf.dispose([value, grad]);
    },
  );

  it('lets NaN through to the statistics, the values, the gradients and the loss, and no farther', async () => {
    const { y, mean, gradients, loss } = tf.tidy(() => {
      const x = tensorOf<tf.Tensor4D>(array64([1, 2, 2, 2], (index) => (index === 2 ? NaN : index)));
      const parameters = { gamma: tf.ones<tf.Rank.R1>([2]), beta: tf.zeros<tf.Rank.R1>([2]), epsilon };
      const { y, mean, variance } = batchNormTraining(x, parameters, { relu: true });
      const gradients = batchNormTrainingGradient(
        { dy: x, x, y, gamma: parameters.gamma, mean, variance },
        { epsilon, relu: true, residual: false },
      );
      const loss = softmaxCrossEntropy(tf.tensor2d([[0, NaN, 1]]), tf.tensor1d([0], 'int32'));
      return { y, mean, gradients, loss };
    });
    const finite = async (tensor: tf.Tensor) => Array.from(await tensor.data(), Number.isFinite);
    expect(await finite(mean)).toEqual([false, true]);
    expect(await finite(y)).toEqual([false, true, false, true, false, true, false, true]);
    expect(await finite(gradients.dx)).toEqual([false, true, false, true, false, true, false, true]);
    expect(await finite(gradients.dGamma)).toEqual([false, true]);
    expect(await finite(loss)).toEqual([false]);
    tf.dispose([y, mean, loss, gradients as unknown as tf.NamedTensorMap]);
  });

  it('refuses what they do not take, saying what it is', () => {
    const [logits, labels] = [tf.zeros([2, 3], 'int32'), tf.zeros([2], 'int32')];
    expect(() => tf.engine().runKernel('SoftmaxCrossEntropy', { logits, labels })).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining('logits int32 [2,3]'),
      }),
    );
    tf.dispose([logits, labels]);
  });

  it('are timed as tfjs’s own', async () => {
    const logits = tf.zeros<tf.Rank.R2>([2, 3]);
    const labels = tf.tensor1d([0, 1], 'int32');
    const { wallMs } = await tf.time(() => softmaxCrossEntropy(logits, labels).dispose());
    expect(wallMs).toBeGreaterThan(0);
    tf.dispose([logits, labels]);
  });
});

describe('the kernels on a lost device', () => {
  useWebgpu();

  it('end with an error', async () => {
    const { device } = tfjsBackend();
    device.destroy();
    await device.lost;
    const loss = () =>
      tf.tidy(() => softmaxCrossEntropy(tf.zeros([2, 3]) as tf.Tensor2D, tf.tensor1d([0, 1], 'int32')));
    expect(loss).toThrow(expect.objectContaining({ code: 'BACKEND_LOST' }));
  });
});

/** tfjs's backend, as far as the tests look into it. */
function tfjsBackend() {
  return tf.backend() as unknown as { device: GPUDevice; recordAndSubmit(): void };
}

/** Has the kernels find a device of less than this one. */
function limitOf(
  name: 'maxComputeWorkgroupsPerDimension' | 'maxStorageBuffersPerShaderStage',
  value: number,
) {
  const { device } = tfjsBackend();
  const limits = new Proxy(device.limits, {
    get: (target, key) => (key === name ? value : target[key as typeof name]),
  });
  vi.spyOn(tfjsBackend(), 'device', 'get').mockReturnValue(
    new Proxy(device, {
      get: (target, key) => {
        if (key === 'limits') return limits;
        const member = target[key as 'createBuffer'];
        return typeof member === 'function' ? member.bind(target) : member;
      },
    }),
  );
}

async function portably<T>(kernelName: string, work: () => Promise<T>): Promise<T> {
  tf.unregisterKernel(kernelName, 'webgpu');
  try {
    return await work();
  } finally {
    installWebgpu();
  }
}

function normals(random: Random, shape: number[], offset = 0): Array64 {
  return array64(shape, () => Math.fround(random.normal() + offset));
}

function tensorOf<T extends tf.Tensor>({ data, shape }: Array64): T {
  return tf.tensor(Float32Array.from(data), [...shape]) as T;
}

function variableOf(values: Array64): tf.Variable {
  const initial = tensorOf(values);
  const variable = tf.variable(initial);
  initial.dispose();
  return variable;
}

/** The gradients of Σ dy · batchNorm(x). */
function batchNormGradient(
  x: Array64,
  dy: Array64,
  gamma: Array64,
  { mean, variance }: ReturnType<typeof reference.moments>,
): Record<'dx' | 'dGamma' | 'dBeta', Array64> {
  const channels = mean.length;
  const pixels = x.data.length / channels;
  const inverse = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const normalized = x.data.map((value, index) => {
    const channel = index % channels;
    return (value - mean[channel]!) * inverse[channel]!;
  });
  const [dGamma, dBeta] = [array64([channels]), array64([channels])];
  for (const [index, value] of dy.data.entries()) {
    dGamma.data[index % channels]! += value * normalized[index]!;
    dBeta.data[index % channels]! += value;
  }
  const dx = array64(x.shape, (index) => {
    const channel = index % channels;
    const explained = (dBeta.data[channel]! + normalized[index]! * dGamma.data[channel]!) / pixels;
    return gamma.data[channel]! * inverse[channel]! * (dy.data[index]! - explained);
  });
  return { dx, dGamma, dBeta };
}

function softmaxGradient(logits: Array64, labels: number[]): Array64 {
  const classes = logits.shape[1]!;
  return array64(logits.shape, (index) => {
    const row = Math.floor(index / classes);
    const values = logits.data.subarray(row * classes, (row + 1) * classes);
    const largest = Math.max(...values);
    const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    const ofLabel = index % classes === labels[row] ? 1 : 0;
    return (Math.exp(logits.data[index]! - largest) / total - ofLabel) / labels.length;
  });
}

function filterGradientOf(
  x: Array64,
  dy: Array64,
  info: ReturnType<typeof tf.backend_util.computeConv2DInfo>,
) {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterWidth, padInfo } = info;
  const sums = new Float64Array(info.filterHeight * filterWidth * inChannels * outChannels);
  for (const [index, gradient] of dy.data.entries()) {
    const out = index % outChannels;
    const pixel = Math.floor(index / outChannels);
    const [image, row] = [Math.floor(pixel / outWidth / outHeight), Math.floor(pixel / outWidth) % outHeight];
    for (let tap = 0; tap < info.filterHeight * filterWidth; tap++) {
      const y = row * info.strideHeight + Math.floor(tap / filterWidth) - padInfo.top;
      const z = (pixel % outWidth) * info.strideWidth + (tap % filterWidth) - padInfo.left;
      if (y < 0 || z < 0 || y >= inHeight || z >= inWidth) continue;
      for (let channel = 0; channel < inChannels; channel++) {
        const value = x.data[((image * inHeight + y) * inWidth + z) * inChannels + channel]!;
        sums[(tap * inChannels + channel) * outChannels + out]! += value * gradient;
      }
    }
  }
  return sums;
}
