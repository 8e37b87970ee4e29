import { linear } from '@resnet/backend';
import type { Random } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { heNormal } from './initialization.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { type LayerVisitor, traceRelu, type Value, visitLayer } from './trace.js';

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
    const values = () => heNormal(inFeatures * outFeatures, inFeatures, random);
    this.weight = new Parameter(values, [inFeatures, outFeatures], 'matrix');
    this.bias = new Parameter(() => new Float32Array(outFeatures), [outFeatures], 'vector');
  }

  /** @param x [count, inFeatures] */
  forward(x: tf.Tensor2D): tf.Tensor2D {
    const [weight, bias] = [this.weight.variable, this.bias.variable] as unknown as [
      tf.Tensor2D,
      tf.Tensor1D,
    ];
    return linear(x, weight, bias);
  }

  trace(input: Value, visit: LayerVisitor, name: string): Value {
    const [inFeatures, outFeatures] = this.weight.variable.shape as [number, number];
    const multiplyAdds = inFeatures * outFeatures;
    return visitLayer(visit, name, { kind: 'fully connected', module: this }, [input], [outFeatures], {
      parameters: multiplyAdds + outFeatures,
      multiplyAdds,
    });
  }
}

/** A fully connected layer with ReLU. */
export class LinearRelu extends Linear {
  override forward(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.relu(super.forward(x)));
  }

  override trace(input: Value, visit: LayerVisitor, name: string): Value {
    return traceRelu(super.trace(input, visit, name), visit, `${name}.relu`);
  }
}
