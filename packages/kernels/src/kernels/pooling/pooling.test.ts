import fc from 'fast-check';
import { it } from 'vitest';
import {
  channelNumbers,
  imageNumbers,
  type PoolCase,
  pools,
  seeds,
  shapes,
} from '../../testing/arbitraries.js';
import { describeEach, directConfigurations } from '../../testing/configurations.js';
import { DIRECT } from '../../testing/exactness.js';
import * as reference from '../../testing/reference.js';
import { runKernelForOne } from '../../testing/run-kernel.js';
import { normalTensor, shapesOf } from '../../testing/tensors.js';
import { ONE_STEP, placeWindows } from '../../testing/windows.js';

const images = fc.record({
  images: imageNumbers,
  height: fc.integer({ min: 1, max: 20 }),
  width: fc.integer({ min: 1, max: 20 }),
  channels: channelNumbers,
  seed: seeds,
});

/** Halves, so that windows have several largest values; mostly negative, so that zero would be wrong. */
function tensorsOf({ windows, seed }: Pick<PoolCase, 'windows' | 'seed'>) {
  const shape = shapesOf(windows);
  const { values } = normalTensor(shape.x, seed);
  const x = { shape: shape.x, values: values.map((value) => Math.round(2 * value - 3) / 2) };
  return { x, dy: normalTensor(shape.y, seed + 1) };
}

describeEach(directConfigurations, (configuration, exactness) => {
  it('takes the largest of each window, and gives its gradient to the first such pixel', () => {
    const property = fc.property(pools, (sample) => {
      const { windows, attributes } = sample;
      const { x, dy } = tensorsOf(sample);
      const output = runKernelForOne('MaxPool', { x }, attributes);
      exactness.expect(
        'MaxPool',
        output,
        { shape: dy.shape, values: reference.maxPool(windows, x.values) },
        0,
      );
      const dx = runKernelForOne('MaxPoolGrad', { dy, input: x, output }, attributes);
      const expected = reference.maxPoolGradient(windows, x.values, dy.values);
      exactness.expect('MaxPoolGrad', dx, { shape: x.shape, values: expected }, DIRECT);
    });
    fc.assert(property, shapes(300, configuration.seed));
  });

  it('takes large windows', () => {
    const sizes = { images: 2, height: 33, width: 40, inChannels: 5, outChannels: 5 };
    const windows = placeWindows({ ...sizes, ...ONE_STEP, filterHeight: 31, filterWidth: 29 }, 'same');
    const attributes = { filterSize: [31, 29], strides: [1, 1], pad: 'same' };
    const { x, dy } = tensorsOf({ windows, seed: 1 });
    const output = runKernelForOne('MaxPool', { x }, attributes);
    exactness.expect('MaxPool', output, { shape: dy.shape, values: reference.maxPool(windows, x.values) }, 0);
    const dx = runKernelForOne('MaxPoolGrad', { dy, input: x, output }, attributes);
    const expected = reference.maxPoolGradient(windows, x.values, dy.values);
    exactness.expect('MaxPoolGrad', dx, { shape: x.shape, values: expected }, DIRECT);
  });

  it('averages images, and shares the gradient out', () => {
    const property = fc.property(images, ({ images, height, width, channels, seed }) => {
      const x = normalTensor([images, height, width, channels], seed);
      const dy = normalTensor([images, channels], seed + 1);
      const pixels = height * width;
      const y = runKernelForOne('GlobalAveragePool', { x });
      const expectedY = reference.globalAveragePool(images, pixels, channels, x.values);
      const deviation = 1 / Math.sqrt(pixels);
      exactness.expect('GlobalAveragePool', y, { shape: dy.shape, values: expectedY, deviation }, DIRECT);
      const dx = runKernelForOne('GlobalAveragePoolGradient', { dy }, { height, width });
      const expectedDx = reference.globalAveragePoolGradient(pixels, channels, dy.values);
      exactness.expect('GlobalAveragePoolGradient', dx, { shape: x.shape, values: expectedDx }, DIRECT);
    });
    fc.assert(property, shapes(200, configuration.seed));
  });
});
