import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { differenceOf } from '../../conformance/difference-of.js';
import * as reference from '../../conformance/reference.js';
import { type Array64, array64 } from '../../conformance/reference.js';
import { batchNormTraining, batchNormTrainingGradient } from '../../ops/batch-norm.js';
import { softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.js';
import { checkTensors, epsilon, limitOf, normals, tensorOf, useWebgpu } from './test-support.js';

describe('batch normalization on webgpu', () => {
  useWebgpu();
  checkTensors();

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
});

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
