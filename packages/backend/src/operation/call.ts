import type { Attributes, CallInputs, CallOutputs, ContractName } from '@resnet/kernels/contracts';
import * as tf from '@tensorflow/tfjs-core';

/** Runs the current backend's kernel of this name, recorded on the tape. */
export function call<Name extends ContractName>(
  name: Name,
  inputs: CallInputs<Name>,
  attributes: Attributes<Name>,
): CallOutputs<Name> {
  const outputs = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  return outputs as CallOutputs<Name>;
}
