import type { Tensor } from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameter.js';

/** Attributes of a node. Numbers are integers; a float is written as `{ float: 0.5 }`. */
export type OnnxAttributes = Readonly<Record<string, number | readonly number[] | { float: number }>>;

/** An ONNX graph that layers write their nodes to. Images are NCHW; every value has the name of the node that computes it. */
export interface OnnxGraph {
  node(operator: string, name: string, inputs: readonly string[], attributes?: OnnxAttributes): void;
  /** A constant of a parameter's values, in PyTorch's layout. Returns its name. */
  parameter(name: string, parameter: Parameter): string;
  /** A constant of a tensor's values; the tensor is disposed once it is read. Returns its name. */
  tensor(name: string, tensor: Tensor): string;
  /** A constant of integers. Returns its name. */
  integers(name: string, values: readonly number[]): string;
}
