import { normalValues } from './random.js';
import type { Values } from './run-kernel.js';
import type { Windows } from './windows.js';

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A tensor of normally distributed values. */
export function normalTensor(shape: number[], seed: number): Values<Float32Array> {
  return { shape, values: normalValues(seed, sizeOf(shape)) };
}

/** A tensor that is zero but for one value. */
export function marked(shape: number[], index: number): Values<Float32Array> {
  const values = new Float32Array(sizeOf(shape));
  values[index] = 1;
  return { shape, values };
}

export function filled(shape: number[], value: number): Values<Float32Array> {
  return { shape, values: new Float32Array(sizeOf(shape)).fill(value) };
}

/** The same with another value at one index. */
export function withValue(
  { shape, values }: Values<Float32Array>,
  index: number,
  value: number,
): Values<Float32Array> {
  const changed = values.slice();
  changed[index] = value;
  return { shape, values: changed };
}

/** The shapes of a convolution's tensors. */
export function shapesOf(windows: Windows): Record<'x' | 'filter' | 'y' | 'bias', number[]> {
  const { images, height, width, inChannels, outHeight, outWidth, outChannels } = windows;
  return {
    x: [images, height, width, inChannels],
    filter: [windows.filterHeight, windows.filterWidth, inChannels, outChannels],
    y: [images, outHeight, outWidth, outChannels],
    bias: [outChannels],
  };
}
