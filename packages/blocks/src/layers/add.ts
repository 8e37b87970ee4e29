import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../graph/graph.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { Layer } from './layer.js';

/** The sum of two maps, as at the end of a residual block (Equation 1). */
export class Add extends Layer {
  readonly kind = 'addition';

  override outputShape(a: Shape, b: Shape): Shape {
    if (String(a) === String(b)) return a;
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `An addition needs two maps of one shape, found [${a}] and [${b}]. A shortcut across dimensions needs a projection or zeros.`,
    );
  }

  override infer(_: object, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return tf.add(a, b);
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    onnx.node('Add', name, inputs);
  }
}
