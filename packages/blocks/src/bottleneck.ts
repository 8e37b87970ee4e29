import type { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { BatchNorm } from './batch-norm.js';
import { convBatchNorm } from './conv-batch-norm.js';
import { Conv2d } from './conv2d.js';
import { Module } from './module.js';
import { createShortcut, type Shortcut, type ShortcutOption } from './shortcut.js';
import { type LayerVisitor, traceAddition, traceInOrder, traceRelu, type Value } from './trace.js';

/** How many times wider a bottleneck's result is than its 3×3 layer. */
export const BOTTLENECK_EXPANSION = 4;

/** See `BottleneckConfig.strideOn`. */
export type StrideOn = '1x1' | '3x3';

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
  strideOn: StrideOn;
  /** Of the 3×3 convolution, where it comes after the stride: larger than 1 where a stride was left out. Default 1. */
  dilation?: number;
  /** Of the 3×3 convolution, where it would have the stride itself. Default: `dilation`. */
  inputDilation?: number;
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

  constructor(config: BottleneckConfig) {
    super();
    const { inChannels, width, stride = 1, strideOn, shortcut, random } = config;
    const { dilation: outputDilation = 1, inputDilation = outputDilation } = config;
    const dilation = strideOn === '1x1' ? outputDilation : inputDilation;
    const outChannels = width * BOTTLENECK_EXPANSION;
    const [stride1, stride2] = strideOn === '1x1' ? [stride, 1] : [1, stride];
    this.conv1 = new Conv2d({ inChannels, outChannels: width, size: 1, stride: stride1, random });
    this.bn1 = new BatchNorm(width);
    this.conv2 = new Conv2d({
      inChannels: width,
      outChannels: width,
      size: 3,
      stride: stride2,
      dilation,
      random,
    });
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

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    const { conv1, bn1, conv2, bn2, conv3, bn3 } = this;
    const reduced = traceRelu(traceInOrder({ conv1, bn1 }, input, visit, name), visit, `${name}.relu1`);
    const hidden = traceRelu(traceInOrder({ conv2, bn2 }, reduced, visit, name), visit, `${name}.relu2`);
    const residual = traceInOrder({ conv3, bn3 }, hidden, visit, name);
    const shortcut = this.downsample.trace(input, visit, `${name}.downsample`);
    return traceAddition(residual, shortcut, visit, name);
  }

  /** Sets γ and β of the last normalisation to 0, so that the block gives what its shortcut does. */
  zeroResidual(): void {
    this.bn3.zero();
  }

  /** Makes the block the identity, for an input without negative values. Its dimensions must not change. */
  makeIdentity(): void {
    this.zeroResidual();
    this.downsample.makeIdentity();
  }
}
