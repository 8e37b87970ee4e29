import { globalAveragePool, maxPool } from '@resnet/backend';
import type * as tf from '@tensorflow/tfjs-core';
import { Module } from './module.js';
import type { LayerVisitor } from './trace.js';

export interface MaxPoolConfig {
  size: number;
  stride: number;
  /** Default 0. */
  padding?: number;
}

/** The largest value in each window. */
export class MaxPool extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly #config: Required<MaxPoolConfig>;

  constructor(config: MaxPoolConfig) {
    super();
    this.#config = { padding: 0, ...config };
  }

  /** @param x [count, height, width, channels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return maxPool(x, this.#config);
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const { size, stride, padding } = this.#config;
    const along = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
    const outputShape = [along(shape[0]!), along(shape[1]!), shape[2]!];
    visit({ name, kind: 'max pool', inputShape: shape, outputShape, parameters: 0, multiplyAdds: 0 });
    return outputShape;
  }
}

/** The mean of each channel. */
export class GlobalAveragePool extends Module<tf.Tensor4D, tf.Tensor2D> {
  /** @param x [count, height, width, channels] */
  forward(x: tf.Tensor4D): tf.Tensor2D {
    return globalAveragePool(x);
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const outputShape = [shape[2]!];
    visit({ name, kind: 'average pool', inputShape: shape, outputShape, parameters: 0, multiplyAdds: 0 });
    return outputShape;
  }
}
