import { globalAveragePool, maxPool } from '@resnet/backend';
import type * as tf from '@tensorflow/tfjs-core';
import { Module } from './module.js';
import { type LayerVisitor, type Value, visitLayer } from './trace.js';

export interface MaxPoolConfig {
  size: number;
  stride: number;
  /** Default 0. */
  padding?: number;
}

/** The largest value in each window. */
export class MaxPool extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly config: Required<MaxPoolConfig>;

  constructor(config: MaxPoolConfig) {
    super();
    this.config = { padding: 0, ...config };
  }

  /** @param x [count, height, width, channels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return maxPool(x, this.config);
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    const { size, stride, padding } = this.config;
    const along = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
    const [height, width, channels] = input.shape as [number, number, number];
    const shape = [along(height), along(width), channels];
    return visitLayer(visit, name, { kind: 'max pool', module: this }, [input], shape);
  }
}

/** The mean of each channel. */
export class GlobalAveragePool extends Module<tf.Tensor4D, tf.Tensor2D> {
  /** @param x [count, height, width, channels] */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return globalAveragePool(x);
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    return visitLayer(visit, name, { kind: 'average pool', module: this }, [input], [input.shape[2]!]);
  }
}
