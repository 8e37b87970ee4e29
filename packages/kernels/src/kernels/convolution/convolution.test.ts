import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConvolutionCase,
  convolutions,
  largeImages,
  layers,
  layersOfNetworks,
  oursOf,
  shapes,
} from '../../testing/arbitraries.js';
import { allConfigurations, describeEach, toleranceOf } from '../../testing/configurations.js';
import * as reference from '../../testing/reference.js';
import { runKernelForOne } from '../../testing/run-kernel.js';
import { normalTensor, shapesOf } from '../../testing/tensors.js';
import { suitsWinograd, suitsWinogradFilterGradient } from './algorithm.js';

const epilogues = fc.record({ bias: fc.boolean(), residual: fc.boolean(), relu: fc.boolean() });
/** Float32 sums of thousands of products are less exact, one by one added. */
const DEEP = 4e-6;

function tensorsOf({ windows, seed }: ConvolutionCase) {
  const shape = shapesOf(windows);
  return {
    x: normalTensor(shape.x, seed),
    filter: normalTensor(shape.filter, seed + 1),
    dy: normalTensor(shape.y, seed + 2),
    bias: normalTensor(shape.bias, seed + 3),
    residual: normalTensor(shape.y, seed + 4),
  };
}

describe('generated shapes', () => {
  it.each([
    ['a convolution', convolutions, suitsWinograd],
    ['the gradient of a filter', largeImages, suitsWinogradFilterGradient],
  ])("are for Winograd's algorithm often enough: %s", (_, arbitrary, suits) => {
    const sample = fc.sample(arbitrary, { numRuns: 200, seed: 1 });
    const fitting = sample.filter(({ windows }) => suits(windows));
    expect(fitting.length).toBeGreaterThan(30);
    expect(fitting.length).toBeLessThan(200);
  });
});

describeEach(allConfigurations, (configuration, exactness) => {
  const expectAllThree = (sample: ConvolutionCase, tolerance: number) => {
    const { windows, attributes } = sample;
    const { x, filter, dy } = tensorsOf(sample);
    const deviation = reference.deviations(windows);

    const y = runKernelForOne('Conv2D', { x, filter }, attributes);
    const expectedY = reference.convolution(windows, x.values, filter.values);
    exactness.expect('Conv2D', y, { shape: dy.shape, values: expectedY, deviation: deviation.y }, tolerance);

    const forX = { ...attributes, inputShape: x.shape };
    const dx = runKernelForOne('Conv2DBackpropInput', { dy, filter }, forX);
    const expectedDx = {
      shape: x.shape,
      values: reference.convolutionInputGradient(windows, dy.values, filter.values),
      deviation: deviation.x,
    };
    exactness.expect('Conv2DBackpropInput', dx, expectedDx, tolerance);

    const forFilter = { ...attributes, filterShape: filter.shape };
    const dFilter = runKernelForOne('Conv2DBackpropFilter', { x, dy }, forFilter);
    const expectedDFilter = {
      shape: filter.shape,
      values: reference.convolutionFilterGradient(windows, x.values, dy.values),
      deviation: deviation.filter,
    };
    exactness.expect('Conv2DBackpropFilter', dFilter, expectedDFilter, tolerance);
  };

  it('convolves, and gives the gradients of input and filter', () => {
    const property = fc.property(convolutions, (sample) =>
      expectAllThree(sample, toleranceOf(configuration, sample.windows)),
    );
    fc.assert(property, shapes(400, configuration.seed));
  });

  it('gives the gradient of the filter for large images', () => {
    const property = fc.property(largeImages, (sample) => {
      const { windows, attributes } = sample;
      const { x, filter, dy } = tensorsOf(sample);
      const forFilter = { ...attributes, filterShape: filter.shape };
      const dFilter = runKernelForOne('Conv2DBackpropFilter', { x, dy }, forFilter);
      const values = reference.convolutionFilterGradient(windows, x.values, dy.values);
      const tolerance = toleranceOf(configuration, windows);
      exactness.expect('Conv2DBackpropFilter', dFilter, { shape: filter.shape, values }, tolerance);
    });
    fc.assert(property, shapes(40, configuration.seed));
  });

  it('does so for layers of networks', () => {
    for (const layer of layersOfNetworks) {
      expectAllThree(layer, Math.max(DEEP, toleranceOf(configuration, layer.windows)));
    }
  });

  it('adds bias, residual and ReLU', () => {
    const property = fc.property(layers, epilogues, (sample, { bias, residual, relu }) => {
      const { windows, attributes } = sample;
      const tensors = tensorsOf(sample);
      const { x, filter } = tensors;
      const given = {
        ...(bias ? { bias: tensors.bias } : {}),
        ...(residual ? { residual: tensors.residual } : {}),
      };
      const convolved = reference.convolution(windows, x.values, filter.values);
      const expected = {
        shape: tensors.dy.shape,
        values: reference.epilogue(convolved, windows.outChannels, {
          bias: given.bias?.values,
          residual: given.residual?.values,
          relu,
        }),
        deviation: reference.deviations(windows).y,
      };
      const tolerance = toleranceOf(configuration, windows);

      const ours = { ...oursOf(windows, attributes), relu };
      const y = runKernelForOne('FusedResidualConv2d', { x, filter, ...given }, ours);
      exactness.expect('FusedResidualConv2d', y, expected, tolerance);
      if (residual) return;
      const theirs = { ...attributes, activation: relu ? 'relu' : 'linear' };
      const fused = runKernelForOne('FusedConv2D', { x, filter, ...given }, theirs);
      exactness.expect('FusedConv2D', fused, expected, tolerance);
    });
    fc.assert(property, shapes(150, configuration.seed));
  });
});
