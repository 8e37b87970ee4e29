import type { Tensor } from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameter.js';

/** Attributes of a node. Numbers are integers; a float is told by its wrapping. */
export type OnnxAttributes = Readonly<Record<string, number | readonly number[] | { float: number }>>;

/** What layers write themselves into for ONNX. Images are NCHW there; every value has the name of the node that gives it. */
export interface OnnxGraph {
  node(operator: string, name: string, inputs: readonly string[], attributes?: OnnxAttributes): void;
  /** A constant of a parameter's values, in PyTorch's layout. Returns its name. */
  parameter(name: string, parameter: Parameter): string;
  /** A constant of a tensor's values; the tensor is disposed once it is read. Returns its name. */
  tensor(name: string, tensor: Tensor): string;
  /** A constant of integers. Returns its name. */
  integers(name: string, values: readonly number[]): string;
}
