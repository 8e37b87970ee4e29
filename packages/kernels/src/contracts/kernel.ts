import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, ContractName, KernelInputs, KernelOutputs } from './contract.js';

/** A kernel as tfjs calls it. `Host` is what it computes with: a backend, or a context around one. */
export interface Kernel<Host> {
  name: ContractName;
  run(host: Host, inputs: object, attributes: object): TensorInfo | TensorInfo[] | undefined;
}

/**
 * What defines the kernels of a backend: a name, and a function that keeps the contract of this name. The function returns undefined
 * for what it does not do; tfjs's own kernel of that name, if there is one, is run then.
 */
export function kernelsOn<Host>() {
  return <Name extends ContractName>(
    name: Name,
    run: (
      host: Host,
      inputs: KernelInputs<Name>,
      attributes: Attributes<Name>,
    ) => KernelOutputs<Name> | undefined,
  ): Kernel<Host> => ({ name, run: run as Kernel<Host>['run'] });
}
