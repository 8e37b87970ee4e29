import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Attributes, ContractName, KernelInputs, KernelOutputs } from './contract.js';

/** A kernel as tfjs calls it. `Host` is what it computes with: a backend, or a context around one. */
export interface Kernel<Host> {
  name: ContractName;
  run(host: Host, inputs: object, attributes: object): TensorInfo | TensorInfo[] | undefined;
}

/**
 * A function that defines kernels of one backend by name. A kernel's own function keeps the contract of that name. It returns
 * undefined for inputs that it leaves to tfjs's kernel of that name.
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
