import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as ops from '../ops/index.js';
import * as reference from './reference.js';
import { type Array64, array64 } from './reference.js';
import {
  asTensors,
  type Case,
  describeOperations,
  epilogues,
  epsilon,
  fixedMoments,
  named,
  type Tensors,
} from './test-support.js';

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
];

describeOperations('convolutions', cases, () => {
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
