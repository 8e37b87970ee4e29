import { check } from '../runtime/refused.js';
import { sizeOf } from '../runtime/sizes.js';
import { checkBytes, checkIntegers, checkMap, checkScale, checkZero, outputsAlong } from './checks.js';
import { int8Kernel, ROUNDING } from './context.js';

export const int8MaxPool = int8Kernel('Int8MaxPool', ({ runtime }, { x }, { size, stride, padding }) => {
  checkBytes(x);
  const [images, height, width, channels] = checkMap(x);
  checkIntegers(1, size, stride);
  checkIntegers(0, padding);
  check(2 * padding <= size, 'padding is at most half of the window.');
  const outHeight = outputsAlong(height, size, stride, padding);
  const outWidth = outputsAlong(width, size, stride, padding);
  const y = runtime.output([images, outHeight, outWidth, channels], 'bool');
  if (sizeOf(y) === 0) return y;
  const [from, to] = [runtime.address(x), runtime.address(y)];
  const task = { x: from, height, width, channels, size, stride, padding, y: to, outHeight, outWidth };
  runtime.run('int8MaxPool', task, images * outHeight);
  return y;
});

export const int8AveragePool = int8Kernel('Int8AveragePool', ({ runtime }, { x }, attributes) => {
  const { window, inputZero, scale, zero } = attributes;
  checkBytes(x);
  const [images, height, width, channels] = checkMap(x);
  check(window.length === 2, 'a window has a height and a width.');
  checkIntegers(1, ...window);
  checkZero(inputZero, zero);
  checkScale(scale);
  const outHeight = outputsAlong(height, window[0], 1, 0);
  const outWidth = outputsAlong(width, window[1], 1, 0);
  const pixels = window[0] * window[1];
  check(pixels <= 1 << 22, 'a window has at most 4,194,304 pixels.');
  const y = runtime.output([images, outHeight, outWidth, channels], 'bool');
  if (sizeOf(y) === 0) return y;
  const length = 8 * Math.ceil(channels / 8);
  const constants = runtime.buffer('average pool', 8 * length);
  const at = constants >>> 2;
  runtime.floats().fill(scale, at, at + length);
  runtime.words().fill(-pixels * inputZero, at + length, at + 2 * length);
  runtime.run(
    'int8AveragePool',
    {
      flags: 0,
      channels,
      scale: constants,
      bias: constants + 4 * length,
      residualOffset: 0,
      residualZero: 0,
      residualScale: 0,
      zero,
      low: -zero,
      high: 255 - zero,
      rounding: ROUNDING,
      x: runtime.address(x),
      height,
      width,
      windowHeight: window[0],
      windowWidth: window[1],
      y: runtime.address(y),
      outHeight,
      outWidth,
    },
    images * outHeight,
  );
  return y;
});
