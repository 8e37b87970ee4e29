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
 * A module that computes one thing. It says what that costs and how it is computed, in training, in inference and in ONNX;
 * all that runs, fuses, counts, draws or exports networks asks it for that. Its parameters are fields, as in all modules.
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
   * @returns a new tensor, owned by the caller; what is computed on the way is disposed by whoever calls
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

  /** What it takes in of the layers behind it, to compute all as one. Nothing, unless overridden. */
  fuse(_node: GraphNode, _next: Next): Fusion | undefined {
    return undefined;
  }

  /**
   * Where a network is a convolution over a larger image (Section 3.4), a layer that makes a vector of a map has to say how it
   * makes one at each position: with a window of the size that the map has in the network.
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
      if (value instanceof Parameter) weights[field] = value.variable;
    }
    return weights;
  }
}
