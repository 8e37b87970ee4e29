import { linear, type Random } from '@resnet/backend';
import type * as tf from '@tensorflow/tfjs-core';
import { heNormal } from './initialization.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import type { LayerVisitor } from './trace.js';

export interface LinearConfig {
  inFeatures: number;
  outFeatures: number;
  random: Random;
}

/** A fully connected layer. */
export class Linear extends Module<tf.Tensor2D, tf.Tensor2D> {
  /** [inFeatures, outFeatures] in memory. */
  readonly weight: Parameter;
  /** [outFeatures]; starts at 0. */
  readonly bias: Parameter;

  constructor({ inFeatures, outFeatures, random }: LinearConfig) {
    super();
    const values = heNormal(inFeatures * outFeatures, inFeatures, random);
    this.weight = new Parameter(values, [inFeatures, outFeatures], 'matrix');
    this.bias = new Parameter(new Float32Array(outFeatures), [outFeatures], 'vector');
  }

  /** @param x [count, inFeatures] */
  forward(x: tf.Tensor2D): tf.Tensor2D {
    const [weight, bias] = [this.weight.variable, this.bias.variable] as unknown as [
      tf.Tensor2D,
      tf.Tensor1D,
    ];
    return linear(x, weight, bias);
  }

  trace(shape: number[], visit: LayerVisitor, name: string): number[] {
    const [inFeatures, outFeatures] = this.weight.variable.shape as [number, number];
    const multiplyAdds = inFeatures * outFeatures;
    const parameters = multiplyAdds + outFeatures;
    const outputShape = [outFeatures];
    visit({ name, kind: 'fully connected', inputShape: shape, outputShape, parameters, multiplyAdds });
    return outputShape;
  }
}
