import type { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { BatchNorm } from './batch-norm.js';
import { convBatchNorm } from './conv-batch-norm.js';
import { Conv2d } from './conv2d.js';
import { Module } from './module.js';
import { type LayerVisitor, traceInOrder, traceRelu, type Value } from './trace.js';

export interface PlainBlockConfig {
  inChannels: number;
  outChannels: number;
  /** Stride of the first convolution. Default 1. */
  stride?: number;
  /** Of the second convolution: larger than 1 where a stride before it was left out. Default 1. */
  dilation?: number;
  /** Of the first one, which is before the stride that this block would have. Default: `dilation`. */
  inputDilation?: number;
  random: Random;
}

/** Two 3×3 layers without a shortcut: the plain networks of Section 3.3 (Figure 3, middle). */
export class PlainBlock extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;

  constructor(config: PlainBlockConfig) {
    super();
    const { inChannels, outChannels, stride = 1, dilation = 1, inputDilation = dilation, random } = config;
    this.conv1 = new Conv2d({ inChannels, outChannels, size: 3, stride, dilation: inputDilation, random });
    this.bn1 = new BatchNorm(outChannels);
    this.conv2 = new Conv2d({ inChannels: outChannels, outChannels, size: 3, dilation, random });
    this.bn2 = new BatchNorm(outChannels);
  }

  /** @param x [count, height, width, inChannels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const hidden = convBatchNorm(x, this.conv1, this.bn1, { relu: true });
      return convBatchNorm(hidden, this.conv2, this.bn2, { relu: true });
    });
  }

  /** Makes the block the identity in inference, for an input without negative values. Its dimensions must not change. */
  makeIdentity(): void {
    for (const conv of [this.conv1, this.conv2]) conv.makeIdentity();
    for (const norm of [this.bn1, this.bn2]) norm.makeIdentity();
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    return traceRelu(this.traceLayers(input, visit, name), visit, `${name}.relu`);
  }

  /** All but the last ReLU. */
  protected traceLayers(input: Value, visit: LayerVisitor, name: string): Value {
    const { conv1, bn1, conv2, bn2 } = this;
    const hidden = traceRelu(traceInOrder({ conv1, bn1 }, input, visit, name), visit, `${name}.relu1`);
    return traceInOrder({ conv2, bn2 }, hidden, visit, name);
  }
}
