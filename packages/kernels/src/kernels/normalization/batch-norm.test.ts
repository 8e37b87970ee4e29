import fc from 'fast-check';
import { it } from 'vitest';
import { normalizations, normalizedLayers, oursOf, shapes } from '../../testing/arbitraries.js';
import {
  allConfigurations,
  describeEach,
  directConfigurations,
  toleranceOf,
} from '../../testing/configurations.js';
import { DIRECT, largest } from '../../testing/exactness.js';
import * as reference from '../../testing/reference.js';
import { runKernel, runKernelForOne, type Values } from '../../testing/run-kernel.js';
import { normalTensor, shapesOf } from '../../testing/tensors.js';

/** What a normalization needs besides its input. */
function parameters(shape: number[], seed: number) {
  const channels = [shape.at(-1)!];
  const positive = ({ shape, values }: Values<Float32Array>) => ({
    shape,
    values: values.map((value) => 0.5 + Math.abs(value)),
  });
  return {
    gamma: normalTensor(channels, seed),
    beta: normalTensor(channels, seed + 1),
    mean: normalTensor(channels, seed + 2),
    variance: positive(normalTensor(channels, seed + 3)),
    residual: normalTensor(shape, seed + 4),
    dy: normalTensor(shape, seed + 5),
  };
}

/** A mean can happen to be zero; what it is subtracted from is not. */
function deviationOf({ variance }: reference.Moments): number {
  return Math.sqrt(Math.max(...variance));
}

const epilogues = fc.record({
  epsilon: fc.constantFrom(1e-5, 1e-3),
  relu: fc.boolean(),
  residual: fc.boolean(),
});

describeEach(directConfigurations, (configuration, exactness) => {
  it('normalizes by the statistics of the batch, and gives the gradients', () => {
    const property = fc.property(normalizations, (sample) => {
      const { images, height, width, channels, epsilon, relu, seed } = sample;
      const shape = [images, height, width, channels];
      const x = normalTensor(shape, seed);
      const { gamma, beta, residual, dy } = parameters(shape, seed + 1);
      const given = sample.residual ? { residual } : {};
      const [y, mean, variance] = runKernel(
        'BatchNormTraining',
        { x, gamma, beta, ...given },
        { epsilon, relu },
      );
      const ofChannels = gamma.shape;
      const moments = reference.moments(x.values, channels);
      const normalized = reference.normalization(x.values, moments, {
        gamma: gamma.values,
        beta: beta.values,
        epsilon,
      });
      const expectedY = {
        shape,
        values: reference.epilogue(normalized, channels, { residual: given.residual?.values, relu }),
        deviation: largest(normalized),
      };
      exactness.expect('BatchNormTraining: y', y!, expectedY, DIRECT);
      const expectedMean = { shape: ofChannels, values: moments.mean, deviation: deviationOf(moments) };
      exactness.expect('BatchNormTraining: mean', mean!, expectedMean, DIRECT);
      const expectedVariance = { shape: ofChannels, values: moments.variance };
      exactness.expect('BatchNormTraining: variance', variance!, expectedVariance, DIRECT);

      const [dx, dGamma, dBeta, dResidual] = runKernel(
        'BatchNormTrainingGradient',
        { dy, x, y, gamma, mean, variance },
        { epsilon, relu, residual: sample.residual },
      );
      const dSum = relu ? reference.reluGradient(dy.values, y!.values) : dy.values;
      const expected = reference.normalizationGradient(x.values, dSum, gamma.values, epsilon);
      const name = 'BatchNormTrainingGradient';
      const deviation = Math.sqrt((images * height * width) / 2);
      exactness.expect(`${name}: dx`, dx!, { shape, values: expected.dx }, DIRECT);
      const expectedDGamma = { shape: ofChannels, values: expected.dGamma, deviation };
      exactness.expect(`${name}: dGamma`, dGamma!, expectedDGamma, DIRECT);
      const expectedDBeta = { shape: ofChannels, values: expected.dBeta, deviation };
      exactness.expect(`${name}: dBeta`, dBeta!, expectedDBeta, DIRECT);
      if (sample.residual) exactness.expect(`${name}: dResidual`, dResidual!, { shape, values: dSum }, 0);
    });
    fc.assert(property, shapes(300, configuration.seed));
  });
});

describeEach(allConfigurations, (configuration, exactness) => {
  it('convolves and normalizes in one', () => {
    const property = fc.property(normalizedLayers, epilogues, ({ windows, attributes, seed }, epilogue) => {
      const { epsilon, relu } = epilogue;
      const shape = shapesOf(windows);
      const channels = windows.outChannels;
      const x = normalTensor(shape.x, seed);
      const filter = normalTensor(shape.filter, seed + 1);
      const { gamma, beta, mean, variance, residual } = parameters(shape.y, seed + 2);
      const given = epilogue.residual ? { residual } : {};
      const inputs = { x, filter, gamma, beta, ...given };
      const ours = { ...oursOf(windows, attributes), epsilon, relu };
      const tolerance = toleranceOf(configuration, windows);
      const convolved = reference.convolution(windows, x.values, filter.values);
      const expectedOf = (moments: { mean: reference.Numbers; variance: reference.Numbers }) => {
        const affine = { gamma: gamma.values, beta: beta.values, epsilon };
        const normalized = reference.normalization(convolved, moments, affine);
        const values = reference.epilogue(normalized, channels, { residual: given.residual?.values, relu });
        return { shape: shape.y, values, deviation: largest(normalized) };
      };

      const inference = runKernelForOne('ConvBatchNormInference', { ...inputs, mean, variance }, ours);
      const fixed = expectedOf({ mean: mean.values, variance: variance.values });
      exactness.expect('ConvBatchNormInference', inference, fixed, tolerance);

      const [y, ...rest] = runKernel('ConvBatchNormTraining', inputs, ours);
      const name = 'ConvBatchNormTraining';
      exactness.expect(`${name}: y`, y!, expectedOf(reference.moments(convolved, channels)), tolerance);
      const deviation = reference.deviations(windows).y;
      const expectedConvolved = { shape: shape.y, values: convolved, deviation };
      exactness.expect(`${name}: convolved`, rest[2]!, expectedConvolved, tolerance);
      // The statistics are those of what the convolution has given, and as exact as any by Winograd's algorithm too.
      const moments = reference.moments(rest[2]!.values, channels);
      const expectedMean = { shape: [channels], values: moments.mean, deviation: deviationOf(moments) };
      exactness.expect(`${name}: mean`, rest[0]!, expectedMean, DIRECT);
      const expectedVariance = { shape: [channels], values: moments.variance };
      exactness.expect(`${name}: variance`, rest[1]!, expectedVariance, DIRECT);
    });
    fc.assert(property, shapes(150, configuration.seed));
  });
});
