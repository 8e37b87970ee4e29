import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Fusion, Next } from '../graph/fuse.js';
import type { Graph, GraphNode, Shape, Value } from '../graph/graph.js';
import type { Int8Form } from '../graph/int8.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import type { Operation, Prepared } from '../graph/operation.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

/**
 * A module that computes one thing. It defines its shape, its cost, and its computation in training, inference and ONNX. All code
 * that runs, fuses, counts, draws or exports networks calls these methods. Its parameters are fields, as in all modules.
 */
export abstract class Layer<Input extends tf.Tensor = tf.Tensor, Output extends tf.Tensor = tf.Tensor>
  extends Module<Input, Output>
  implements Operation
{
  /** What it is called in summaries: 'convolution'. */
  abstract readonly kind: string;

  /**
   * The shape of the result for one image.
   *
   * @throws SHAPE_MISMATCH for inputs that it does not take
   */
  abstract outputShape(...inputs: Shape[]): Shape;

  /**
   * The result in inference mode.
   *
   * @param weights its parameters and buffers by the names of their fields, or copies of them
   * @returns a new tensor, owned by the caller, which also disposes the intermediate results
   */
  abstract infer(weights: object, ...inputs: tf.Tensor[]): tf.Tensor;

  /** The result in training mode; differentiable. As in inference, unless overridden. */
  train(...inputs: tf.Tensor[]): tf.Tensor {
    return this.infer(this.weights, ...inputs);
  }

  /** Multiplications with additions for one image. */
  multiplyAdds(_output: Shape, ..._inputs: Shape[]): number {
    return 0;
  }

  /** The following layers that it can compute together with itself. None, unless overridden. */
  fuse(_node: GraphNode, _next: Next): Fusion | undefined {
    return undefined;
  }

  /**
   * For networks that run as a convolution over a larger image (Section 3.4): a layer that makes a vector of a map makes one at
   * each position, from a window of the size that the map has in the network.
   *
   * @param x [count, height, width, channels]
   * @param window [height, width]
   * @returns [count, rows, columns, features], owned by the caller
   */
  slide?(x: tf.Tensor4D, window: [number, number]): tf.Tensor4D;

  /** How quantized networks compute it: in float32, unless overridden. */
  int8(): Int8Form | undefined {
    return undefined;
  }

  /** @throws LAYER_UNSUPPORTED unless overridden */
  toOnnx(_onnx: OnnxGraph, name: string, _inputs: readonly string[]): void {
    throw new ResnetError(
      'LAYER_UNSUPPORTED',
      `The layer ${name} (${this.kind}) does not say how it is written in ONNX: give its class a method 'toOnnx'.`,
    );
  }

  /** Constants of all its parameters and buffers for ONNX, in the order of their fields. Returns their names. */
  protected writeConstants(onnx: OnnxGraph, name: string): string[] {
    return Array.from(this.ownParameters(), ([field, parameter]) =>
      onnx.parameter(`${name}.${field}`, parameter),
    );
  }

  override describe(graph: Graph, ...inputs: Value[]): Value {
    return graph.add(this, ...inputs);
  }

  run(inputs: readonly tf.Tensor[]): tf.Tensor {
    return this.training ? this.train(...inputs) : this.infer(this.weights, ...inputs);
  }

  prepare(): Prepared {
    const weights = Object.fromEntries(
      Object.entries(this.weights).map(([field, weight]) => [field, weight.clone()]),
    );
    return {
      tensors: Object.values(weights),
      run: (inputs) => tf.tidy(() => this.infer(weights, ...inputs)),
    };
  }

  /** The values of its parameters and buffers by the names of their fields; they stay the layer's. */
  get weights(): Record<string, tf.Tensor> {
    const weights: Record<string, tf.Tensor> = {};
    for (const [field, value] of Object.entries(this)) {
      if (value instanceof Parameter) weights[field] = value.value;
    }
    return weights;
  }
}
