import fc from 'fast-check';
import { expect, it } from 'vitest';
import { convolutions, layers, normalizations, oursOf, pools, seeds, shapes } from './testing/arbitraries.js';
import {
  allConfigurations,
  describeEach,
  directConfigurations,
  toleranceOf,
} from './testing/configurations.js';
import { DIRECT } from './testing/exactness.js';
import * as reference from './testing/reference.js';
import { runKernel, runKernelForOne } from './testing/run-kernel.js';
import { filled, marked, normalTensor, shapesOf, sizeOf, withValue } from './testing/tensors.js';

const badValues = fc.constantFrom(NaN, Infinity, -Infinity);
/** Picks a position in a tensor of any size. */
const picks = fc.nat();

/**
 * Results that the bad value reaches must not be finite, and not a number if it is none; the others must be finite,
 * unless `mayReachMore`.
 */
function expectSpread(
  value: number,
  results: Float32Array,
  isReached: (index: number) => boolean,
  mayReachMore = false,
) {
  const wrong = results.findIndex((result, index) => {
    if (isReached(index)) return Number.isNaN(value) ? !Number.isNaN(result) : Number.isFinite(result);
    return !mayReachMore && !Number.isFinite(result);
  });
  if (wrong >= 0) throw new Error(`Found ${results[wrong]} at ${wrong} for ${value}.`);
}

describeEach(allConfigurations, (configuration) => {
  it('spreads through a convolution and its gradients, and no farther', () => {
    const property = fc.property(
      convolutions,
      badValues,
      picks,
      ({ windows, attributes, seed }, bad, pick) => {
        const shape = shapesOf(windows);
        const [x, filter, dy] = [shape.x, shape.filter, shape.y].map((shape) => normalTensor(shape, seed));
        const [ofX, ofY] = [pick % sizeOf(shape.x), pick % sizeOf(shape.y)];
        const badX = withValue(x!, ofX, bad);
        const badDy = withValue(dy!, ofY, bad);
        // A tile of Winograd's algorithm computes all its results of all its values.
        const isWinograd = toleranceOf(configuration, windows) > DIRECT;
        const onlyX = marked(shape.x, ofX).values;
        const onlyDy = marked(shape.y, ofY).values;
        const ones = filled(shape.filter, 1).values;

        const y = runKernelForOne('Conv2D', { x: badX, filter: filter! }, attributes);
        const reachedY = reference.convolution(windows, onlyX, ones);
        expectSpread(bad, y.values, (index) => reachedY[index]! > 0, isWinograd);

        const forX = { ...attributes, inputShape: shape.x };
        const dx = runKernelForOne('Conv2DBackpropInput', { dy: badDy, filter: filter! }, forX);
        const reachedX = reference.convolutionInputGradient(windows, onlyDy, ones);
        expectSpread(bad, dx.values, (index) => reachedX[index]! > 0, isWinograd);

        const forFilter = { ...attributes, filterShape: shape.filter };
        const fromX = runKernelForOne('Conv2DBackpropFilter', { x: badX, dy: dy! }, forFilter);
        const byX = reference.convolutionFilterGradient(windows, onlyX, filled(shape.y, 1).values);
        expectSpread(bad, fromX.values, (index) => byX[index]! > 0, isWinograd);

        // Padding's zeros times what is not finite may count or not.
        const fromDy = runKernelForOne('Conv2DBackpropFilter', { x: x!, dy: badDy }, forFilter);
        const byDy = reference.convolutionFilterGradient(windows, filled(shape.x, 1).values, onlyDy);
        expectSpread(bad, fromDy.values, (index) => byDy[index]! > 0, true);
        const channel = ofY % windows.outChannels;
        const ofOthers = fromDy.values.filter((_, index) => index % windows.outChannels !== channel);
        expect(ofOthers.every(Number.isFinite)).toBe(true);
      },
    );
    fc.assert(property, shapes(80, configuration.seed));
  });

  it('is kept by ReLU', () => {
    const property = fc.property(layers, picks, ({ windows, attributes, seed }, pick) => {
      const shape = shapesOf(windows);
      const x = normalTensor(shape.x, seed);
      const filter = normalTensor(shape.filter, seed + 1);
      const position = pick % sizeOf(shape.y);
      const residual = withValue(normalTensor(shape.y, seed + 2), position, NaN);
      const ours = { ...oursOf(windows, attributes), relu: true };
      const y = runKernelForOne('FusedResidualConv2d', { x, filter, residual }, ours);
      expectSpread(NaN, y.values, (index) => index === position);

      const badFilter = withValue(filter, pick % sizeOf(shape.filter), NaN);
      const theirs = { ...attributes, activation: 'relu' };
      const ofBadFilter = runKernelForOne('FusedConv2D', { x, filter: badFilter }, theirs);
      const expected = reference.convolution(windows, filled(shape.x, 1).values, badFilter.values);
      expectSpread(NaN, ofBadFilter.values, (index) => Number.isNaN(expected[index]), true);
    });
    fc.assert(property, shapes(40, configuration.seed));
  });

  it('spreads to a whole normalization that follows a convolution', () => {
    const property = fc.property(layers, badValues, picks, ({ windows, attributes, seed }, bad, pick) => {
      const shape = shapesOf(windows);
      const position = pick % sizeOf(shape.x);
      const x = withValue(normalTensor(shape.x, seed), position, bad);
      const filter = normalTensor(shape.filter, seed + 1);
      const reached = reference.convolution(
        windows,
        marked(shape.x, position).values,
        filled(shape.filter, 1).values,
      );
      const isSeen = reached.some((value) => value > 0);
      const [gamma, beta] = [filled(shape.bias, 1), filled(shape.bias, 0)];
      const ours = { ...oursOf(windows, attributes), epsilon: 1e-5, relu: true };
      const [y] = runKernel('ConvBatchNormTraining', { x, filter, gamma, beta }, ours);
      // The variance of an infinity is not a number.
      expectSpread(NaN, y!.values, () => isSeen);
    });
    fc.assert(property, shapes(40, configuration.seed));
  });
});

describeEach(directConfigurations, (configuration, exactness) => {
  it('spreads to the whole channel of a normalization, and of its gradient', () => {
    const property = fc.property(normalizations, badValues, picks, (sample, bad, pick) => {
      const { images, height, width, channels, epsilon, relu, seed } = sample;
      const shape = [images, height, width, channels];
      const position = pick % sizeOf(shape);
      const isReached = (index: number) => index % channels === position % channels;
      const x = normalTensor(shape, seed);
      const [gamma, beta] = [filled([channels], 1), filled([channels], 0)];
      const parameters = { gamma, beta };
      const [badY] = runKernel(
        'BatchNormTraining',
        { x: withValue(x, position, bad), ...parameters },
        { epsilon, relu },
      );
      expectSpread(NaN, badY!.values, isReached);

      const [y, mean, variance] = runKernel('BatchNormTraining', { x, ...parameters }, { epsilon, relu });
      const dy = withValue(normalTensor(shape, seed + 1), position, bad);
      const inputs = { dy, x, y, gamma, mean, variance };
      const [dx, , dBeta] = runKernel('BatchNormTrainingGradient', inputs, {
        epsilon,
        relu,
        residual: false,
      });
      const isPassed = !relu || y!.values[position]! > 0;
      expectSpread(bad, dx!.values, (index) => isPassed && isReached(index));
      expectSpread(bad, dBeta!.values, (index) => isPassed && isReached(index));
    });
    fc.assert(property, shapes(60, configuration.seed));
  });

  it('counts in a pool by its size, and NaN for nothing', () => {
    const property = fc.property(pools, badValues, picks, ({ windows, attributes, seed }, bad, pick) => {
      const shape = shapesOf(windows);
      const x = withValue(normalTensor(shape.x, seed), pick % sizeOf(shape.x), bad);
      const y = runKernelForOne('MaxPool', { x }, attributes);
      exactness.expect('MaxPool', y, { shape: shape.y, values: reference.maxPool(windows, x.values) }, 0);
      const { images, height, width, inChannels } = windows;
      const mean = runKernelForOne('GlobalAveragePool', { x });
      const expected = reference.globalAveragePool(images, height * width, inChannels, x.values);
      expectSpread(bad, mean.values, (index) => !Number.isFinite(expected[index]));
    });
    fc.assert(property, shapes(80, configuration.seed));
  });

  it('spreads through rows and columns of a product', () => {
    const sizes = fc.integer({ min: 1, max: 40 });
    const property = fc.property(
      sizes,
      sizes,
      sizes,
      badValues,
      picks,
      seeds,
      (rows, depth, columns, bad, pick, seed) => {
        const transposed = { transposeA: false, transposeB: false };
        const a = normalTensor([rows, depth], seed);
        const b = normalTensor([depth, columns], seed + 1);
        const inA = pick % (rows * depth);
        const ofA = runKernelForOne('BatchMatMul', { a: withValue(a, inA, bad), b }, transposed);
        const row = Math.floor(inA / depth);
        expectSpread(bad, ofA.values, (index) => Math.floor(index / columns) === row);
        const inB = pick % (depth * columns);
        const ofB = runKernelForOne('BatchMatMul', { a, b: withValue(b, inB, bad) }, transposed);
        expectSpread(bad, ofB.values, (index) => index % columns === inB % columns);
      },
    );
    fc.assert(property, shapes(60, configuration.seed));
  });

  it('makes the loss not a number, and the gradient of its row', () => {
    const sizes = fc.integer({ min: 1, max: 20 });
    const property = fc.property(
      sizes,
      sizes,
      fc.constantFrom(NaN, Infinity),
      picks,
      seeds,
      (rows, classes, bad, pick, seed) => {
        const position = pick % (rows * classes);
        const logits = withValue(normalTensor([rows, classes], seed), position, bad);
        const labels = { shape: [rows], values: new Int32Array(rows) };
        const [loss, dLogits] = runKernel('SoftmaxCrossEntropy', { logits, labels });
        expect(loss!.values[0]).toBeNaN();
        const row = Math.floor(position / classes);
        expectSpread(NaN, dLogits!.values, (index) => Math.floor(index / classes) === row);
      },
    );
    fc.assert(property, shapes(60, configuration.seed));
  });

  it('spreads to one parameter of a step', () => {
    const property = fc.property(fc.integer({ min: 1, max: 100 }), badValues, picks, (size, bad, pick) => {
      const position = pick % size;
      const [parameter0, velocity0] = [filled([size], 1), filled([size], 1)];
      const gradient0 = withValue(filled([size], 1), position, bad);
      const rates = {
        learningRate: 0.1,
        momentum: 0.9,
        weightDecay: 0,
        gradientScale: 1,
        decoupledDecay: 0,
        nesterov: 0,
      };
      const results = runKernel('SgdUpdate', { parameter0, velocity0, gradient0 }, rates);
      for (const { values } of results) expectSpread(bad, values, (index) => index === position);
    });
    fc.assert(property, shapes(60, configuration.seed));
  });
});
