import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Int8Range } from '../contracts/int8.js';
import { INT8_VALUES_PER_CHUNK } from '../generated/constants.js';
import { check } from '../runtime/refused.js';
import { sizeOf } from '../runtime/sizes.js';
import { checkBytes, checkIntegers, checkMap, checkScale, checkZero } from './checks.js';
import { type Int8Context, int8Kernel } from './context.js';

export const int8Quantize = int8Kernel('Int8Quantize', (context, { x }, range) => {
  check(x.dtype === 'float32', 'it takes float32.');
  return convert(context, 'int8Quantize', x, context.runtime.output(x.shape, 'bool'), range);
});

export const int8Dequantize = int8Kernel('Int8Dequantize', (context, { x }, range) => {
  checkBytes(x);
  return convert(context, 'int8Dequantize', x, context.runtime.output(x.shape), range);
});

function convert(
  { runtime }: Int8Context,
  kernel: 'int8Quantize' | 'int8Dequantize',
  x: TensorInfo,
  y: TensorInfo,
  { scale, zero }: Int8Range,
): TensorInfo {
  checkScale(scale);
  checkZero(zero);
  const size = sizeOf(x);
  const task = { from: runtime.address(x), to: runtime.address(y), size, scale, zero };
  if (size > 0) runtime.run(kernel, task, Math.ceil(size / INT8_VALUES_PER_CHUNK));
  return y;
}

export const int8SubsamplePad = int8Kernel('Int8SubsamplePad', ({ runtime }, { x }, attributes) => {
  const { stride, channels, zero } = attributes;
  checkBytes(x);
  checkZero(zero);
  const [images, height, width, inChannels] = checkMap(x);
  checkIntegers(1, stride);
  checkIntegers(0, channels);
  check(channels >= inChannels, 'channels are added, none are left out.');
  const [outHeight, outWidth] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const y = runtime.output([images, outHeight, outWidth, channels], 'bool');
  const heap = runtime.backend.wasm.HEAPU8;
  let to = runtime.address(y);
  heap.fill(zero, to, to + sizeOf(y));
  to += Math.floor((channels - inChannels) / 2);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < outHeight; row++) {
      let from = runtime.address(x) + (image * height + row * stride) * width * inChannels;
      for (let column = 0; column < outWidth; column++) {
        heap.copyWithin(to, from, from + inChannels);
        from += stride * inChannels;
        to += channels;
      }
    }
  }
  return y;
});
