import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shapes } from '../../testing/arbitraries.js';
import { describeEach, directConfigurations } from '../../testing/configurations.js';
import { DIRECT } from '../../testing/exactness.js';
import * as reference from '../../testing/reference-regions.js';
import { mapsOf, regionCases, resultShapeOf } from '../../testing/region-cases.js';
import { runKernelForOne } from '../../testing/run-kernel.js';
import { normalTensor, sizeOf } from '../../testing/tensors.js';

/** A gradient of few regions can happen to be near zero all over. */
const deviation = 0.1;

describeEach(directConfigurations, (configuration, exactness) => {
  it('aligns regions, and shares their gradients out', () => {
    const property = fc.property(regionCases, (sample) => {
      const { shape, seed } = sample;
      const attributes = { ...sample.grid, ...sample.sampling };
      const [x, dy] = [normalTensor(shape, seed), normalTensor(resultShapeOf(sample), seed + 1)];
      const y = runKernelForOne('RoiAlign', { x }, attributes);
      const expectedY = reference.roiAlign(shape, attributes, x.values);
      exactness.expect('RoiAlign', y, { shape: dy.shape, values: expectedY, deviation }, DIRECT);
      const dx = runKernelForOne('RoiAlignGradient', { dy }, { ...attributes, shape });
      const expectedDx = reference.roiAlignGradient(shape, attributes, dy.values);
      exactness.expect('RoiAlignGradient', dx, { shape, values: expectedDx, deviation }, DIRECT);
    });
    fc.assert(property, shapes(300, configuration.seed));
  });

  it('takes the largest of each cell, and gives its gradient to the first such pixel', () => {
    const property = fc.property(regionCases, (sample) => {
      const { shape, grid, seed } = sample;
      const [x, dy] = [mapsOf(sample), normalTensor(resultShapeOf(sample), seed + 1)];
      const y = runKernelForOne('RoiMaxPool', { x }, grid);
      exactness.expect(
        'RoiMaxPool',
        y,
        { shape: dy.shape, values: reference.roiMaxPool(shape, grid, x.values) },
        0,
      );
      const dx = runKernelForOne('RoiMaxPoolGradient', { dy, x, y }, grid);
      const expected = reference.roiMaxPoolGradient(shape, grid, x.values, y.values, dy.values);
      exactness.expect('RoiMaxPoolGradient', dx, { shape, values: expected, deviation }, DIRECT);
    });
    fc.assert(property, shapes(300, configuration.seed));
  });

  it('takes the nearest pixel, and adds the gradients of its copies', () => {
    const property = fc.property(regionCases, (sample) => {
      const { shape, grid, seed } = sample;
      const [height, width] = [5 * grid.rows, 4 * grid.columns];
      const x = normalTensor(shape, seed);
      const dy = normalTensor([shape[0]!, height, width, shape[3]!], seed + 1);
      const y = runKernelForOne('UpsampleNearest', { x }, { height, width });
      const expectedY = reference.upsampleNearest(shape, height, width, x.values);
      exactness.expect('UpsampleNearest', y, { shape: dy.shape, values: expectedY }, 0);
      const dx = runKernelForOne('UpsampleNearestGradient', { dy }, { shape });
      const values = reference.upsampleNearestGradient(shape, height, width, dy.values);
      exactness.expect('UpsampleNearestGradient', dx, { shape, values, deviation }, DIRECT);
    });
    fc.assert(property, shapes(150, configuration.seed));
  });

  it('takes no longer for regions that are far larger than the map', () => {
    const x = normalTensor([1, 5, 6, 3], 1);
    const attributes = { rows: 2, columns: 2, scale: 1, samplingRatio: 0, aligned: true };
    const y = runKernelForOne('RoiAlign', { x }, { ...attributes, regions: [0, -9e5, -9e5, 9e5, 9e5] });
    // A millionth of the samples lie on the map, which is cut at its origin.
    expect(sizeOf(y.shape)).toBe(12);
    for (const value of y.values) expect(Math.abs(value)).toBeLessThan(1e-9);
  });

  it('leaves values that are not finite to the cells that read them', () => {
    const x = normalTensor([1, 4, 4, 5], 1);
    for (const [index, value] of [NaN, Infinity, -Infinity].entries()) x.values[index] = value;
    const grid = { regions: [0, 0, 0, 3, 3], rows: 2, columns: 2, scale: 1 };
    const attributes = { ...grid, samplingRatio: 2, aligned: false };
    const y = runKernelForOne('RoiAlign', { x }, attributes);
    expect([...y.values.subarray(0, 3)]).toEqual([NaN, Infinity, -Infinity]);
    expect(y.values.subarray(3).every(Number.isFinite)).toBe(true);
    const largest = runKernelForOne('RoiMaxPool', { x }, grid);
    expect(largest.values[1]).toBe(Infinity);
    expect([largest.values[0], ...largest.values.subarray(2)].every(Number.isFinite)).toBe(true);
  });
});
