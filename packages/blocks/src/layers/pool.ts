import { globalAveragePool, maxPool } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../graph/graph.js';
import type { Int8Form } from '../graph/int8.js';
import type { OnnxGraph } from '../graph/onnx-graph.js';
import { Layer } from './layer.js';

export interface MaxPoolConfig {
  size: number;
  stride: number;
  /** Default 0. */
  padding?: number;
}

/** The largest value in each window. */
export class MaxPool extends Layer<tf.Tensor4D, tf.Tensor4D> {
  readonly kind = 'max pool';
  readonly config: Required<MaxPoolConfig>;

  constructor(config: MaxPoolConfig) {
    super();
    this.config = { padding: 0, ...config };
  }

  override outputShape(input: Shape): Shape {
    const { size, stride, padding } = this.config;
    const along = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
    const [height, width, channels] = input as [number, number, number];
    if (input.length === 3 && Math.min(along(height), along(width)) >= 1) {
      return [along(height), along(width), channels];
    }
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `A max pool of ${size} × ${size} needs a map that is no smaller, found [${input}].`,
    );
  }

  override infer(_: object, x: tf.Tensor4D): tf.Tensor4D {
    return maxPool(x, this.config);
  }

  override int8(): Int8Form {
    return { kind: 'max pool', ...this.config };
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    const { size, stride, padding } = this.config;
    const pads = Array<number>(4).fill(padding);
    onnx.node('MaxPool', name, inputs, { kernel_shape: [size, size], strides: [stride, stride], pads });
  }
}

/** The mean of each channel. */
export class GlobalAveragePool extends Layer<tf.Tensor4D, tf.Tensor2D> {
  readonly kind = 'average pool';

  override outputShape(input: Shape): Shape {
    if (input.length === 3) return [input[2]!];
    throw new ResnetError('SHAPE_MISMATCH', `An average pool takes a map, found [${input}].`);
  }

  override infer(_: object, x: tf.Tensor4D): tf.Tensor2D {
    return globalAveragePool(x);
  }

  override slide(x: tf.Tensor4D, window: [number, number]): tf.Tensor4D {
    return tf.avgPool(x, window, 1, 'valid');
  }

  override int8(): Int8Form {
    return { kind: 'average pool' };
  }

  override toOnnx(onnx: OnnxGraph, name: string, inputs: readonly string[]): void {
    onnx.node('GlobalAveragePool', `${name}.mean`, inputs);
    onnx.node('Flatten', name, [`${name}.mean`], { axis: 1 });
  }
}
