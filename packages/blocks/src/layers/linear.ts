import { linear } from '@resnet/backend';
import { type Random, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Graph, Shape, Value } from '../graph/graph.js';
import type { Int8Form } from '../graph/int8.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { Parameter } from '../parameter.js';
import { Relu } from './activation.js';
import { heNormal, type Initialization } from './initialization.js';
import { Layer } from './layer.js';

export interface LinearConfig {
  inFeatures: number;
  outFeatures: number;
  /** How the matrix starts. Default `heNormal`. */
  initialization?: Initialization;
  random: Random;
}

/** A fully connected layer. */
export class Linear extends Layer<tf.Tensor2D, tf.Tensor2D> {
  readonly kind = 'fully connected';
  /** [inFeatures, outFeatures] in memory. */
  readonly weight: Parameter;
  /** [outFeatures]; starts at 0. */
  readonly bias: Parameter;

  constructor({ inFeatures, outFeatures, initialization = heNormal, random }: LinearConfig) {
    super();
    const values = () => initialization(inFeatures * outFeatures, inFeatures, random);
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

  override int8(): Int8Form {
    const { weight, bias } = this;
    const filterShape: [number, number, number, number] = [1, 1, weight.shape[0]!, weight.shape[1]!];
    return {
      kind: 'convolution',
      geometry: { stride: 1, padding: 0 },
      relu: false,
      filterShape,
      weight,
      weights: () => ({
        filter: tf.reshape<tf.Rank.R4>(weight.variable, filterShape),
        bias: bias.variable.clone() as tf.Tensor1D,
      }),
    };
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    onnx.node('Gemm', name, [...inputs, ...this.writeConstants(onnx, name)], { transB: 1 });
  }
}

/** A fully connected layer with ReLU. */
export class LinearRelu extends Linear {
  readonly relu = new Relu();

  override describe(graph: Graph, x: Value): Value {
    return graph.chain(super.describe(graph, x), this.relu);
  }
}
