import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/**
 * The body of a tfjs kernel on WebGPU, with the inputs, attributes and outputs of the kernel of this name on WASM. It
 * returns undefined for what it does not take.
 */
export type Kernel = (
  backend: TfjsWebgpuBackend,
  inputs: never,
  attributes: never,
) => TensorInfo | TensorInfo[] | undefined;

/** Whether these are tensors of floats, with at least one each. */
export function areFloats(...tensors: (TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => !tensor || (tensor.dtype === 'float32' && sizeOf(tensor) > 0));
}

export function sizeOf({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}
