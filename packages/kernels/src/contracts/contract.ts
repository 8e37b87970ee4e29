import type * as tf from '@tensorflow/tfjs-core';
import type { Int8Contracts } from './int8.js';
import type { OperationContracts } from './operations.js';
import type { TfjsContracts } from './tfjs.js';

/** A tensor of a contract: how many axes it has, by tfjs's names from 'R0' to 'R6', or 'any'. */
export type Axes = keyof typeof tf.Rank | 'any';

/** Every kernel's contract, by the name under which tfjs dispatches it. */
export interface Contracts extends OperationContracts, Int8Contracts, TfjsContracts {}
export type ContractName = keyof Contracts;

export type Inputs<Name extends ContractName> = Contracts[Name]['inputs'];
export type Attributes<Name extends ContractName> = Contracts[Name]['attributes'];
type Outputs<Name extends ContractName> = Contracts[Name]['outputs'];

/** Replaces the axes in a contract's inputs or outputs by the kernel's tensors; optional ones stay optional. */
type InfosOf<Tensors> = { [Key in keyof Tensors]: InfoOf<Tensors[Key]> };
type InfoOf<Tensor> = Tensor extends Axes ? tf.TensorInfo : Tensor;

/** A kernel's inputs and outputs: tensors of any number of axes, as tfjs checks none. */
export type KernelInputs<Name extends ContractName> = InfosOf<Inputs<Name>>;
export type KernelOutputs<Name extends ContractName> =
  Outputs<Name> extends Axes ? tf.TensorInfo : InfosOf<Outputs<Name>>;

/** A tensor of a contract in tfjs's types. */
export type TensorOf<Tensor> = Tensor extends keyof typeof tf.Rank
  ? tf.Tensor<(typeof tf.Rank)[Tensor]>
  : Tensor extends 'any'
    ? tf.Tensor
    : Tensor;
type TensorsOf<Tensors> = { [Key in keyof Tensors]: TensorOf<Tensors[Key]> };

/** A caller's inputs and outputs. */
export type CallInputs<Name extends ContractName> = TensorsOf<Inputs<Name>>;
export type CallOutputs<Name extends ContractName> =
  Outputs<Name> extends Axes ? TensorOf<Outputs<Name>> : TensorsOf<Outputs<Name>>;

/** One output of a contract, by its index. */
export type OutputAt<Name extends ContractName, Index extends number> = TensorOf<
  Outputs<Name> extends readonly unknown[] ? Outputs<Name>[Index] : Outputs<Name>
>;
