import type { Random } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Graph, Value } from '../graph/graph.js';
import { Relu } from '../layers/activation.js';
import { batchNorm } from '../layers/batch-norm.js';
import { Conv2d } from '../layers/conv2d.js';
import type { NormLayer } from '../layers/norm-layer.js';
import { Module } from '../module.js';

export interface PlainBlockConfig {
  inChannels: number;
  outChannels: number;
  /** Stride of the first convolution. Default 1. */
  stride?: number;
  /** Dilation of the second convolution: larger than 1 where a stride before it was replaced. Default 1. */
  dilation?: number;
  /** Dilation of the first convolution, which comes before the replaced stride of this block. Default: `dilation`. */
  inputDilation?: number;
  /** Makes a normalization of this many channels. Default: batch normalization. */
  normLayer?: (channels: number) => NormLayer;
  random: Random;
}

/** Two 3×3 layers without a shortcut: the plain networks of Section 3.3 (Figure 3, middle). */
export class PlainBlock extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly conv1: Conv2d;
  readonly bn1: NormLayer;
  readonly relu1 = new Relu();
  readonly conv2: Conv2d;
  readonly bn2: NormLayer;
  readonly relu = new Relu();

  constructor(config: PlainBlockConfig) {
    super();
    const { inChannels, outChannels, stride = 1, dilation = 1, inputDilation = dilation } = config;
    const { normLayer = batchNorm, random } = config;
    this.conv1 = new Conv2d({ inChannels, outChannels, size: 3, stride, dilation: inputDilation, random });
    this.bn1 = normLayer(outChannels);
    this.conv2 = new Conv2d({ inChannels: outChannels, outChannels, size: 3, dilation, random });
    this.bn2 = normLayer(outChannels);
  }

  override describe(graph: Graph, x: Value): Value {
    return graph.chain(this.residual(graph, x), this.relu);
  }

  /** Makes the block the identity in inference, for an input without negative values. Its dimensions must not change. */
  makeIdentity(): void {
    for (const conv of [this.conv1, this.conv2]) conv.makeIdentity();
    for (const norm of [this.bn1, this.bn2]) norm.makeIdentity();
  }

  /** F(x), all but the last ReLU. */
  protected residual(graph: Graph, x: Value): Value {
    return graph.chain(x, this.conv1, this.bn1, this.relu1, this.conv2, this.bn2);
  }
}
