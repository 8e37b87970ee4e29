import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, ContractName, KernelInputs, KernelOutputs } from '../contracts/contract.js';
import type { TfjsWebgpuBackend } from './tfjs-webgpu.js';

/** A kernel on WebGPU, as tfjs calls it. */
export interface Kernel {
  name: ContractName;
  run(backend: TfjsWebgpuBackend, inputs: object, attributes: object): TensorInfo | TensorInfo[] | undefined;
}

/** A kernel that keeps the contract of this name. It returns undefined for what it does not take. */
export function kernel<Name extends ContractName>(
  name: Name,
  run: (
    backend: TfjsWebgpuBackend,
    inputs: KernelInputs<Name>,
    attributes: Attributes<Name>,
  ) => KernelOutputs<Name> | undefined,
): Kernel {
  return { name, run: run as Kernel['run'] };
}

/** Whether these are tensors of floats, with at least one each. */
export function areFloats(...tensors: (TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => !tensor || (tensor.dtype === 'float32' && sizeOf(tensor) > 0));
}

export function sizeOf({ shape }: TensorInfo): number {
  return shape.reduce((product, size) => product * size, 1);
}
