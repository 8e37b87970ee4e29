import type { TensorInfo, TypedArray } from '@tensorflow/tfjs-core';
import type { Context } from './context.js';
import { check } from './refused.js';
import type { Runtime } from './runtime.js';

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

/** The values of tensors in the heap; valid until something is allocated. */
export function valuesOf<Tensors extends TensorInfo[]>(
  { backend }: Runtime,
  ...tensors: Tensors
): { [Index in keyof Tensors]: TypedArray } {
  return tensors.map((tensor) => backend.typedArrayFromHeap(tensor)) as never;
}

/** @throws Refusal unless the gradient has the output's shape */
export function checkGradient(dy: TensorInfo, shape: number[]): void {
  check(isShape(dy, shape), `dy must be of the output's shape [${shape}].`);
}

/** @throws Refusal unless all tensors that are given are float32 */
export function checkFloats(...tensors: (TensorInfo | undefined)[]): void {
  for (const tensor of tensors) check(!tensor || tensor.dtype === 'float32', 'it takes float32.');
}

/** An int32 tensor's values as float32, in a tensor that is disposed when the kernel has ended; a float32 tensor itself. */
export function asFloats({ runtime }: Context, x: TensorInfo): TensorInfo {
  if (x.dtype === 'float32') return x;
  check(x.dtype === 'int32', 'it takes float32 and int32.');
  const floats = runtime.passing(runtime.output(x.shape));
  const [values, out] = valuesOf(runtime, x, floats);
  out.set(values);
  return floats;
}
