import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../graph/graph.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { Layer } from './layer.js';

/** gate · transformed + (1 - gate) · carried, the end of a highway layer. Its inputs are these three, in this order. */
export class Gating extends Layer {
  readonly kind = 'gating';

  override outputShape(transformed: Shape): Shape {
    return transformed;
  }

  override infer(_: object, transformed: tf.Tensor, gate: tf.Tensor, carried: tf.Tensor): tf.Tensor {
    return tf.add(carried, tf.mul(gate, tf.sub(transformed, carried)));
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    const [transformed, gate, carried] = inputs as [string, string, string];
    onnx.node('Sub', `${name}.difference`, [transformed, carried]);
    onnx.node('Mul', `${name}.gated`, [gate, `${name}.difference`]);
    onnx.node('Add', name, [carried, `${name}.gated`]);
  }
}
