import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, ContractName, KernelInputs, KernelOutputs } from '../contracts/contract.js';
import type { Context } from '../runtime/context.js';

/** A kernel on WASM, as tfjs calls it. */
export interface Kernel {
  name: ContractName;
  run(context: Context, inputs: object, attributes: object): TensorInfo | TensorInfo[] | undefined;
}

/**
 * A kernel that keeps the contract of this name. It returns undefined for what it does not do; tfjs's own kernel of that
 * name, if there is one, is run then.
 */
export function kernel<Name extends ContractName>(
  name: Name,
  run: (
    context: Context,
    inputs: KernelInputs<Name>,
    attributes: Attributes<Name>,
  ) => KernelOutputs<Name> | undefined,
): Kernel {
  return { name, run: run as Kernel['run'] };
}
