import type { Tensor } from '@tensorflow/tfjs-core';
import type { Int8Form } from './int8.js';
import type { OnnxGraph } from './onnx-graph.js';

/** What computes a step of a network: a layer, or several as one. */
export interface Operation {
  /**
   * The result in the mode that the layers are in; differentiable.
   *
   * @returns a new tensor, owned by the caller
   */
  run(inputs: readonly Tensor[]): Tensor;
  /** The same for inference alone, with copies of the weights as they are now. */
  prepare(): Prepared;
  /** How quantized networks compute it, where they can. */
  int8?(): Int8Form | undefined;
  /** Writes nodes that compute it in inference mode. The last one is called `name`. */
  toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void;
}

/** An operation for inference alone. */
export interface Prepared {
  /** Owned by whoever called `prepare`. */
  readonly tensors: readonly Tensor[];
  /** @returns a new tensor, owned by the caller */
  run(inputs: readonly Tensor[]): Tensor;
}
