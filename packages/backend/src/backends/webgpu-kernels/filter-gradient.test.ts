import { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../conformance/difference-of.js';
import type { Array64 } from '../../conformance/reference.js';
import { checkTensors, normals, tensorOf, useWebgpu } from './test-support.js';

type Shape = [number, number, number, number];

describe('the gradient of convolutions on webgpu', () => {
  useWebgpu();
  checkTensors();

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
});

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
