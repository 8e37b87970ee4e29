import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Context } from './context.js';
import { check } from './refused.js';

export function sizeOf({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function isEmpty({ shape }: TensorInfo): boolean {
  return shape.includes(0);
}

export function isVector({ shape }: TensorInfo, size: number): boolean {
  return shape.length === 1 && shape[0] === size;
}

export function isShape({ shape }: TensorInfo, sizes: readonly number[]): boolean {
  return shape.length === sizes.length && shape.every((size, axis) => size === sizes[axis]);
}

export function areFloats(...tensors: TensorInfo[]): boolean {
  return tensors.every(({ dtype }) => dtype === 'float32');
}

/** @throws Refusal unless all of the tensors that are there are float32 */
export function checkFloats(...tensors: (TensorInfo | undefined)[]): void {
  for (const tensor of tensors) check(!tensor || tensor.dtype === 'float32', 'it takes float32.');
}

/** The values of an int32 tensor as float32, in a tensor that is gone when the kernel has ended; float32 as it is. */
export function asFloats({ runtime }: Context, x: TensorInfo): TensorInfo {
  if (x.dtype === 'float32') return x;
  check(x.dtype === 'int32', 'it takes float32 and int32.');
  const floats = runtime.passing(runtime.output(x.shape));
  runtime.backend.typedArrayFromHeap(floats).set(runtime.backend.typedArrayFromHeap(x));
  return floats;
}
