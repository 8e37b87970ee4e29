import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Kernel as KernelOn, kernelsOn } from '../contracts/kernel.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** A kernel on WebGPU. */
export type Kernel = KernelOn<TfjsWebgpuBackend>;
export const kernel = kernelsOn<TfjsWebgpuBackend>();

/** Whether these are tensors of floats, with at least one each. */
export function areFloats(...tensors: (TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => !tensor || (tensor.dtype === 'float32' && sizeOf(tensor) > 0));
}

export function sizeOf({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}
