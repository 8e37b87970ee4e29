import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, ContractName, KernelInputs, KernelOutputs } from '../contracts/contract.js';
import type { Int8Contracts } from '../contracts/int8.js';
import type { INT8_TASKS } from '../generated/tasks.js';
import type { PackedFilters } from '../runtime/packed-filters.js';
import type { Runtime } from '../runtime/runtime.js';

/**
 * How bytes are multiplied. By products of 16 bits, which every engine has: then Winograd's algorithm is exact too. Or by dot
 * products of bytes, faster where the processor has an instruction for them; engines differ in whether they take the values as
 * unsigned or as signed, so `flip` changes the sign bit for the latter.
 */
export type Int8Products = { kind: 'words' } | { kind: 'bytes'; flip: 0 | 0x80 };

/** What int8 kernels work with. */
export interface Int8Context {
  runtime: Runtime<typeof INT8_TASKS>;
  filters: PackedFilters;
  products: Int8Products;
  winograd: boolean;
}

/** An int8 kernel, as tfjs calls it. */
export interface Int8Kernel {
  name: ContractName;
  run(context: Int8Context, inputs: object, attributes: object): TensorInfo;
}

/** A kernel that keeps the contract of this name. */
export function int8Kernel<Name extends keyof Int8Contracts>(
  name: Name,
  run: (
    context: Int8Context,
    inputs: KernelInputs<Name>,
    attributes: Attributes<Name>,
  ) => KernelOutputs<Name>,
): Int8Kernel {
  return { name, run: run as Int8Kernel['run'] };
}
