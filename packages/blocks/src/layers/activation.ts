import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../graph/graph.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { Layer } from './layer.js';

/** A function of each value by itself, such as ReLU. Summaries leave it out. */
export abstract class Activation extends Layer {
  /** ONNX's name for it. */
  abstract readonly operator: string;

  override outputShape(input: Shape): Shape {
    return input;
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    onnx.node(this.operator, name, inputs);
  }
}

/** max(x, 0) */
export class Relu extends Activation {
  readonly kind = 'relu';
  readonly operator = 'Relu';

  override infer(_: object, x: tf.Tensor): tf.Tensor {
    return tf.relu(x);
  }
}

/** 1 / (1 + exp(-x)) */
export class Sigmoid extends Activation {
  readonly kind = 'sigmoid';
  readonly operator = 'Sigmoid';

  override infer(_: object, x: tf.Tensor): tf.Tensor {
    return tf.sigmoid(x);
  }
}
