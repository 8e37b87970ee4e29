import type { Random } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Graph, Value } from '../graph/graph.js';
import { Relu, Sigmoid } from '../layers/activation.js';
import { Conv2d } from '../layers/conv2d.js';
import { Gating } from '../layers/gating.js';
import { Module } from '../module.js';

export interface HighwayBlockConfig {
  /** Of the input and of the output. */
  channels: number;
  /** Height and width of the filters. */
  size: number;
  /** Initial value of the gates' biases: below zero, so that blocks first pass their input on. */
  gateBias: number;
  random: Random;
}

/**
 * A highway layer, which the paper compares with (Section 2): y = T(x) · H(x) + (1 - T(x)) · x, where H is a convolution with
 * ReLU and the gate T one with a sigmoid (Srivastava et al., "Training Very Deep Networks", Equation 3). Its gates have
 * weights and can close; a residual block's shortcut has none and is always open.
 */
export class HighwayBlock extends Module<tf.Tensor4D, tf.Tensor4D> {
  readonly transform: Conv2d;
  readonly relu = new Relu();
  readonly gate: Conv2d;
  readonly sigmoid = new Sigmoid();
  readonly carry = new Gating();

  constructor({ channels, size, gateBias, random }: HighwayBlockConfig) {
    super();
    const config = { inChannels: channels, outChannels: channels, size, bias: true, random };
    this.transform = new Conv2d(config);
    this.gate = new Conv2d({ ...config, initialBias: gateBias });
  }

  override describe(graph: Graph, x: Value): Value {
    const transformed = graph.chain(x, this.transform, this.relu);
    const gate = graph.chain(x, this.gate, this.sigmoid);
    return graph.call(this.carry, transformed, gate, x);
  }
}
