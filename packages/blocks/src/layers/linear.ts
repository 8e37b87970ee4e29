import { linear } from '@resnet/backend';
import { type Random, ResnetError } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Graph, Shape, Value } from '../graph/graph.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { Parameter } from '../parameter.js';
import { Relu } from './activation.js';
import { heNormal } from './initialization.js';
import { Layer } from './layer.js';

export interface LinearConfig {
  inFeatures: number;
  outFeatures: number;
  random: Random;
}

/** A fully connected layer. */
export class Linear extends Layer<tf.Tensor2D, tf.Tensor2D> {
  readonly kind = 'fully connected';
  /** [inFeatures, outFeatures] in memory. */
  readonly weight: Parameter;
  /** [outFeatures]; starts at 0. */
  readonly bias: Parameter;

  constructor({ inFeatures, outFeatures, random }: LinearConfig) {
    super();
    const values = () => heNormal(inFeatures * outFeatures, inFeatures, random);
    this.weight = new Parameter(values, [inFeatures, outFeatures], 'matrix');
    this.bias = new Parameter(() => new Float32Array(outFeatures), [outFeatures], 'vector');
  }

  override outputShape(input: Shape): Shape {
    const [outFeatures, inFeatures] = this.weight.storedShape as [number, number];
    if (input.length === 1 && input[0] === inFeatures) return [outFeatures];
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `A fully connected layer for ${inFeatures} features takes a vector of as many, found [${input}].`,
    );
  }

  override multiplyAdds(): number {
    return this.weight.size;
  }

  override infer({ weight, bias }: { weight: tf.Tensor2D; bias: tf.Tensor1D }, x: tf.Tensor2D): tf.Tensor2D {
    return linear(x, weight, bias);
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    const constants = [
      onnx.parameter(`${name}.weight`, this.weight),
      onnx.parameter(`${name}.bias`, this.bias),
    ];
    onnx.node('Gemm', name, [...inputs, ...constants], { transB: 1 });
  }
}

/** A fully connected layer with ReLU. */
export class LinearRelu extends Linear {
  readonly relu = new Relu();

  override describe(graph: Graph, x: Value): Value {
    return graph.chain(super.describe(graph, x), this.relu);
  }
}
