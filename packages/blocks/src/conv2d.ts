import { type ConvGeometry, conv2d } from '@resnet/backend';
import type { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { heNormal } from './initialization.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { type LayerVisitor, type Value, visitLayer } from './trace.js';

export interface Conv2dConfig {
  inChannels: number;
  outChannels: number;
  /** Height and width of the filters. */
  size: number;
  stride?: number;
  /** Default: dilation · ⌊size / 2⌋, which keeps the image's size at stride 1 and odd filter sizes. */
  padding?: number;
  /** Places from one tap of the filter to the next. Default 1. */
  dilation?: number;
  /** Whether it adds a learned value to each channel. Default false: batch normalisation does. */
  bias?: boolean;
  /** What the bias starts at. Default 0. */
  initialBias?: number;
  /** Whether files have the filter as a matrix [outChannels, inChannels · size · size]. Default false. */
  isFlat?: boolean;
  random: Random;
}

/** A convolution. All of the paper's are without bias: batch normalisation follows. */
export class Conv2d extends Module<tf.Tensor4D, tf.Tensor4D> {
  /** [size, size, inChannels, outChannels] in memory. */
  readonly weight: Parameter;
  /** [outChannels] */
  readonly bias?: Parameter;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;

  constructor(config: Conv2dConfig) {
    super();
    const { inChannels, outChannels, size, stride = 1, dilation = 1, random } = config;
    const fanIn = size * size * inChannels;
    const values = () => heNormal(fanIn * outChannels, fanIn, random);
    this.weight = new Parameter(
      values,
      [size, size, inChannels, outChannels],
      config.isFlat ? 'flat filter' : 'filter',
    );
    this.stride = stride;
    this.padding = config.padding ?? dilation * Math.floor(size / 2);
    this.dilation = dilation;
    if (config.bias) {
      const start = () => new Float32Array(outChannels).fill(config.initialBias ?? 0);
      this.bias = new Parameter(start, [outChannels], 'vector');
    }
  }

  /** Makes the convolution the identity: a one in the middle of the filter, from each channel to itself. */
  makeIdentity(): void {
    const [size, , inChannels, outChannels] = this.filter.shape;
    const values = new Float32Array(size * size * inChannels * outChannels);
    const middle = Math.floor(size / 2) * (size + 1) * inChannels * outChannels;
    for (let channel = 0; channel < Math.min(inChannels, outChannels); channel++) {
      values[middle + channel * (outChannels + 1)] = 1;
    }
    tf.tidy(() => this.weight.variable.assign(tf.tensor(values, this.filter.shape)));
  }

  get filter(): tf.Tensor4D {
    return this.weight.variable as unknown as tf.Tensor4D;
  }

  /** How the filter moves over an image. */
  get geometry(): ConvGeometry {
    return { stride: this.stride, padding: this.padding, dilation: this.dilation };
  }

  /** @param x [count, height, width, inChannels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    const bias = this.bias?.variable as unknown as tf.Tensor1D | undefined;
    return conv2d(x, this.filter, { ...this.geometry, bias });
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    const [size, , inChannels, outChannels] = this.filter.shape;
    const reach = this.dilation * (size - 1) + 1;
    const along = (length: number) => Math.floor((length + 2 * this.padding - reach) / this.stride) + 1;
    const [height, width] = [along(input.shape[0]!), along(input.shape[1]!)];
    const parameters = this.weight.variable.size + (this.bias?.variable.size ?? 0);
    const multiplyAdds = height * width * size * size * inChannels * outChannels;
    const shape = [height, width, outChannels];
    return visitLayer(visit, name, { kind: 'convolution', module: this }, [input], shape, {
      parameters,
      multiplyAdds,
    });
  }
}
