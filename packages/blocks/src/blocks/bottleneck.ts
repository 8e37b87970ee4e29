import type { Random } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Graph, Value } from '../graph/graph.js';
import { Relu } from '../layers/activation.js';
import { Add } from '../layers/add.js';
import { batchNorm } from '../layers/batch-norm.js';
import { Conv2d } from '../layers/conv2d.js';
import type { NormLayer } from '../layers/norm-layer.js';
import { Module } from '../module.js';
import { createShortcut, type Shortcut, type ShortcutOption } from './shortcut.js';

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
  /** Dilation of the 3×3 convolution where it comes after the stride: larger than 1 where a stride was replaced. Default 1. */
  dilation?: number;
  /** Dilation of the 3×3 convolution where it has the stride. Default: `dilation`. */
  inputDilation?: number;
  shortcut: ShortcutOption;
  /** Makes a normalization of this many channels. Default: batch normalization. */
  normLayer?: (channels: number) => NormLayer;
  random: Random;
}

/** A 1×1 layer that reduces the channels, a 3×3, a 1×1 that restores them, and a shortcut (Section 4.1, Figure 5). */
export class Bottleneck extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly conv1: Conv2d;
  readonly bn1: NormLayer;
  readonly relu1 = new Relu();
  readonly conv2: Conv2d;
  readonly bn2: NormLayer;
  readonly relu2 = new Relu();
  readonly conv3: Conv2d;
  readonly bn3: NormLayer;
  readonly downsample: Shortcut;
  readonly add = new Add();
  readonly relu = new Relu();

  constructor(config: BottleneckConfig) {
    super();
    const { inChannels, width, stride = 1, strideOn, shortcut, normLayer = batchNorm, random } = config;
    const { dilation: outputDilation = 1, inputDilation = outputDilation } = config;
    const dilation = strideOn === '1x1' ? outputDilation : inputDilation;
    const outChannels = width * BOTTLENECK_EXPANSION;
    const [stride1, stride2] = strideOn === '1x1' ? [stride, 1] : [1, stride];
    this.conv1 = new Conv2d({ inChannels, outChannels: width, size: 1, stride: stride1, random });
    this.bn1 = normLayer(width);
    this.conv2 = new Conv2d({
      inChannels: width,
      outChannels: width,
      size: 3,
      stride: stride2,
      dilation,
      random,
    });
    this.bn2 = normLayer(width);
    this.conv3 = new Conv2d({ inChannels: width, outChannels, size: 1, random });
    this.bn3 = normLayer(outChannels);
    this.downsample = createShortcut({
      option: shortcut,
      inChannels,
      outChannels,
      stride,
      normLayer,
      random,
    });
  }

  override describe(graph: Graph, x: Value): Value {
    const reduced = graph.chain(x, this.conv1, this.bn1, this.relu1);
    const hidden = graph.chain(reduced, this.conv2, this.bn2, this.relu2);
    const residual = graph.chain(hidden, this.conv3, this.bn3);
    const shortcut = graph.call(this.downsample, x);
    return graph.chain(graph.call(this.add, residual, shortcut), this.relu);
  }

  /** Sets γ and β of the last normalization to 0, so that the block gives what its shortcut does. */
  zeroResidual(): void {
    this.bn3.zero();
  }

  /** Makes the block the identity, for an input without negative values. Its dimensions must not change. */
  makeIdentity(): void {
    this.zeroResidual();
    this.downsample.makeIdentity();
  }
}
