import fc from 'fast-check';
import { it } from 'vitest';
import { channelNumbers, imageNumbers, seeds, shapes } from '../../testing/arbitraries.js';
import { describeEach, directConfigurations } from '../../testing/configurations.js';
import { runKernelForOne } from '../../testing/run-kernel.js';
import { normalTensor, sizeOf } from '../../testing/tensors.js';

const shortcuts = fc.record({
  images: imageNumbers,
  height: fc.integer({ min: 1, max: 15 }),
  width: fc.integer({ min: 1, max: 15 }),
  channels: channelNumbers,
  more: fc.integer({ min: 0, max: 70 }),
  stride: fc.integer({ min: 1, max: 4 }),
  seed: seeds,
});

describeEach(directConfigurations.slice(0, 1), (configuration, exactness) => {
  it('takes some pixels and adds channels of zeros, and gives the gradient', () => {
    const property = fc.property(shortcuts, ({ images, height, width, channels, more, stride, seed }) => {
      const shape = [images, height, width, channels];
      const outShape = [images, Math.ceil(height / stride), Math.ceil(width / stride), channels + more];
      const x = normalTensor(shape, seed);
      const dy = normalTensor(outShape, seed + 1);
      const attributes = { stride, channels: channels + more };
      const y = runKernelForOne('SubsamplePad', { x }, attributes);
      const dx = runKernelForOne('SubsamplePadGradient', { dy }, { ...attributes, shape });

      const expectedY = new Float32Array(sizeOf(outShape));
      const expectedDx = new Float32Array(sizeOf(shape));
      const before = Math.floor(more / 2);
      for (let index = 0; index < expectedDx.length; index++) {
        const channel = index % channels;
        const column = Math.floor(index / channels) % width;
        const row = Math.floor(index / (channels * width)) % height;
        const image = Math.floor(index / (channels * width * height));
        if (row % stride !== 0 || column % stride !== 0) continue;
        const pixel = (image * outShape[1]! + row / stride) * outShape[2]! + column / stride;
        const out = pixel * (channels + more) + before + channel;
        expectedY[out] = x.values[index]!;
        expectedDx[index] = dy.values[out]!;
      }
      exactness.expect('SubsamplePad', y, { shape: outShape, values: expectedY }, 0);
      exactness.expect('SubsamplePadGradient', dx, { shape, values: expectedDx }, 0);
    });
    fc.assert(property, shapes(150, configuration.seed));
  });
});
