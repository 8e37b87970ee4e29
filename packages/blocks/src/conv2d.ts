import { conv2d, type Random } from '@resnet/backend';
import type * as tf from '@tensorflow/tfjs-core';
import { heNormal } from './initialization.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { LayerVisitor } from './trace.js';

export interface Conv2dConfig {
  inChannels: number;
  outChannels: number;
  /** Height and width of the filters. */
  size: number;
  stride?: number;
  /** Default: ⌊size / 2⌋, which keeps the image's size at stride 1 and odd filter sizes. */
  padding?: number;
  random: Random;
}

/** A convolution without bias, as all of the paper's are: batch normalisation follows. */
export class Conv2d extends Module<tf.Tensor4D, tf.Tensor4D> {
  /** [size, size, inChannels, outChannels] in memory. */
  readonly weight: Parameter;
  readonly stride: number;
  readonly padding: number;

  constructor({ inChannels, outChannels, size, stride = 1, padding, random }: Conv2dConfig) {
    super();
    const fanIn = size * size * inChannels;
    const values = heNormal(fanIn * outChannels, fanIn, random);
    this.weight = new Parameter(values, [size, size, inChannels, outChannels], 'filter');
    this.stride = stride;
    this.padding = padding ?? Math.floor(size / 2);
  }

  get filter(): tf.Tensor4D {
    return this.weight.variable as unknown as tf.Tensor4D;
  }

  /** @param x [count, height, width, inChannels] */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return conv2d(x, this.filter, { stride: this.stride, padding: this.padding });
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const [size, , inChannels, outChannels] = this.filter.shape;
    const along = (length: number) => Math.floor((length + 2 * this.padding - size) / this.stride) + 1;
    const [height, width] = [along(shape[0]!), along(shape[1]!)];
    visit({
      name,
      kind: 'convolution',
      inputShape: shape,
      outputShape: [height, width, outChannels],
      parameters: this.weight.variable.size,
      multiplyAdds: height * width * size * size * inChannels * outChannels,
    });
    return [height, width, outChannels];
  }
}
