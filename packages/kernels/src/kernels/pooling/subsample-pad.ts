import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes } from '../../contracts/contract.js';
import type { Context } from '../../runtime/context.js';
import { check } from '../../runtime/refused.js';
import { checkFloats, checkGradient } from '../../runtime/sizes.js';
import { kernel } from '../kernel.js';

/** Every `stride`-th row and column of x, and zeros for the new channels, half of them on either side. */
export const subsamplePad = kernel('SubsamplePad', (context, { x }, { stride, channels }) => {
  checkFloats(x);
  const { runtime } = context;
  const y = runtime.outputOfZeros(shapeOf(x.shape, { stride, channels }));
  const floats = runtime.floats();
  eachPixel(context, x, y, stride, (inner, outer, count) => floats.copyWithin(outer, inner, inner + count));
  return y;
});

/** The gradient of x, of the given shape, where dy is that of y. */
export const subsamplePadGradient = kernel('SubsamplePadGradient', (context, { dy }, { stride, shape }) => {
  checkFloats(dy);
  const expected = shapeOf(shape, { stride, channels: dy.shape.at(-1)! });
  checkGradient(dy, expected);
  const { runtime } = context;
  const dx = runtime.outputOfZeros(shape);
  const floats = runtime.floats();
  eachPixel(context, dx, dy, stride, (inner, outer, count) => floats.copyWithin(inner, outer, outer + count));
  return dx;
});

/** Calls `visit` for each pixel that is kept, with the indices in the heap of its channels in x and in y. */
function eachPixel(
  { runtime }: Context,
  x: TensorInfo,
  y: TensorInfo,
  stride: number,
  visit: (inner: number, outer: number, count: number) => void,
): void {
  const [images, height, width, inChannels] = x.shape as [number, number, number, number];
  const [, outHeight, outWidth, channels] = y.shape as [number, number, number, number];
  const before = Math.floor((channels - inChannels) / 2);
  const [from, to] = [runtime.address(x) / 4, runtime.address(y) / 4 + before];
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const inner = (image * height + row * stride) * width + column * stride;
        const outer = (image * outHeight + row) * outWidth + column;
        visit(from + inner * inChannels, to + outer * channels, inChannels);
      }
    }
  }
}

/** The shape of y. */
function shapeOf(shape: number[], { stride, channels }: Attributes<'SubsamplePad'>): number[] {
  check(shape.length === 4, 'images have four axes.');
  const [images, height, width, inChannels] = shape as [number, number, number, number];
  check(Number.isSafeInteger(stride) && stride >= 1, 'the stride is an integer of at least 1.');
  check(Number.isSafeInteger(channels) && channels >= inChannels, 'channels are added, none are left out.');
  return [images, Math.ceil(height / stride), Math.ceil(width / stride), channels];
}
