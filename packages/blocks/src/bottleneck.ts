import type { Random } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs-core';
import { BatchNorm } from './batch-norm.js';
import { convBatchNorm } from './conv-batch-norm.js';
import { Conv2d } from './conv2d.js';
import { Module } from './module.js';
import { createShortcut, type Shortcut, type ShortcutOption } from './shortcut.js';
import { type LayerVisitor, traceAddition, traceInOrder } from './trace.js';

/** How many times wider a bottleneck's result is than its 3×3 layer. */
export const BOTTLENECK_EXPANSION = 4;

export interface BottleneckConfig {
  inChannels: number;
  /** Channels of the 1×1 layer that reduces and of the 3×3 layer. The block gives four times as many. */
  width: number;
  /** Default 1. */
  stride?: number;
  /**
   * Which convolution has the stride: the first 1×1, as in the paper and the original Caffe models, or the 3×3, as
   * in torchvision ("v1.5").
   */
  strideOn: '1x1' | '3x3';
  shortcut: ShortcutOption;
  random: Random;
}

/** A 1×1 layer that reduces the channels, a 3×3, a 1×1 that restores them, and a shortcut (Section 4.1, Figure 5). */
export class Bottleneck extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm;
  readonly downsample: Shortcut;

  constructor({ inChannels, width, stride = 1, strideOn, shortcut, random }: BottleneckConfig) {
    super();
    const outChannels = width * BOTTLENECK_EXPANSION;
    const [stride1, stride2] = strideOn === '1x1' ? [stride, 1] : [1, stride];
    this.conv1 = new Conv2d({ inChannels, outChannels: width, size: 1, stride: stride1, random });
    this.bn1 = new BatchNorm(width);
    this.conv2 = new Conv2d({ inChannels: width, outChannels: width, size: 3, stride: stride2, random });
    this.bn2 = new BatchNorm(width);
    this.conv3 = new Conv2d({ inChannels: width, outChannels, size: 1, random });
    this.bn3 = new BatchNorm(outChannels);
    this.downsample = createShortcut({ option: shortcut, inChannels, outChannels, stride, random });
  }

  /** @param x [count, height, width, inChannels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const reduced = convBatchNorm(x, this.conv1, this.bn1, { relu: true });
      const hidden = convBatchNorm(reduced, this.conv2, this.bn2, { relu: true });
      const residual = this.downsample.forward(x);
      return convBatchNorm(hidden, this.conv3, this.bn3, { residual, relu: true });
    });
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const { conv1, bn1, conv2, bn2, conv3, bn3 } = this;
    const outputShape = traceInOrder({ conv1, bn1, conv2, bn2, conv3, bn3 }, shape, visit, name);
    this.downsample.trace(shape, visit, `${name}.downsample`);
    return traceAddition(outputShape, visit, name);
  }
}
