import type { Random } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { BatchNorm } from './batch-norm.js';
import { convBatchNorm } from './conv-batch-norm.js';
import { Conv2d } from './conv2d.js';
import { Module } from './module.js';
import { type LayerVisitor, traceInOrder } from './trace.js';

export interface PlainBlockConfig {
  inChannels: number;
  outChannels: number;
  /** Stride of the first convolution. Default 1. */
  stride?: number;
  random: Random;
}

/** Two 3×3 layers without a shortcut: the plain networks of Section 3.3 (Figure 3, middle). */
export class PlainBlock extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;

  constructor({ inChannels, outChannels, stride = 1, random }: PlainBlockConfig) {
    super();
    this.conv1 = new Conv2d({ inChannels, outChannels, size: 3, stride, random });
    this.bn1 = new BatchNorm(outChannels);
    this.conv2 = new Conv2d({ inChannels: outChannels, outChannels, size: 3, random });
    this.bn2 = new BatchNorm(outChannels);
  }

  /** @param x [count, height, width, inChannels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const hidden = convBatchNorm(x, this.conv1, this.bn1, { relu: true });
      return convBatchNorm(hidden, this.conv2, this.bn2, { relu: true });
    });
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const { conv1, bn1, conv2, bn2 } = this;
    return traceInOrder({ conv1, bn1, conv2, bn2 }, shape, visit, name);
  }
}
