import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as ops from '../ops/index.js';
import { differenceOf } from './difference-of.js';
import * as reference from './reference.js';
import { type Array64, array64 } from './reference.js';
import {
  asTensors,
  type Case,
  describeOperations,
  epilogues,
  epsilon,
  fixedMoments,
  images,
  named,
  type Tensors,
} from './test-support.js';

const cases: Case[] = [
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
  ...[false, true].map((relu): Case => {
    return {
      title: `channelAffine${relu ? ' + ReLU' : ''}`,
      shapes: { x: [2, 3, 5, 4], scale: [4], shift: [4] },
      run: ({ x, scale, shift }) =>
        ops.channelAffine(x as tf.Tensor4D, scale as tf.Tensor1D, shift as tf.Tensor1D, relu),
      reference: ({ x, scale, shift }) => reference.relu(reference.channelAffine(x!, scale!, shift!), relu),
    };
  }),
];

describeOperations('normalizations', cases, () => {
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
});
