import type { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { Conv2d } from './conv2d.js';
import { Module } from './module.js';
import { type LayerVisitor, traceRelu, type Value, visitLayer } from './trace.js';

export interface HighwayBlockConfig {
  /** Of what comes in and what goes out. */
  channels: number;
  /** Height and width of the filters. */
  size: number;
  /** What the gates' biases start at: below zero, so that blocks begin by carrying their input on. */
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
  readonly gate: Conv2d;

  constructor({ channels, size, gateBias, random }: HighwayBlockConfig) {
    super();
    const config = { inChannels: channels, outChannels: channels, size, bias: true, random };
    this.transform = new Conv2d(config);
    this.gate = new Conv2d({ ...config, initialBias: gateBias });
  }

  /** @param x [count, height, width, channels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const transformed = tf.relu(this.transform.forward(x));
      const gate = tf.sigmoid(this.gate.forward(x));
      return tf.add(x, tf.mul(gate, tf.sub(transformed, x)));
    });
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    const transformed = traceRelu(
      this.transform.trace(input, visit, `${name}.transform`),
      visit,
      `${name}.relu`,
    );
    const opening = this.gate.trace(input, visit, `${name}.gate`);
    const gate = visitLayer(visit, `${name}.sigmoid`, { kind: 'sigmoid' }, [opening], opening.shape);
    return visitLayer(visit, `${name}.carry`, { kind: 'gating' }, [transformed, gate, input], input.shape);
  }
}
