import { conv2d } from '@resnet/backend';
import type * as tf from '@tensorflow/tfjs-core';
import { Conv2d } from './conv2d.js';
import { type LayerVisitor, traceRelu, type Value } from './trace.js';

/** A convolution with ReLU, as networks without batch normalisation have them. */
export class ConvRelu extends Conv2d {
  override forward(x: tf.Tensor4D): tf.Tensor4D {
    const bias = this.bias?.variable as unknown as tf.Tensor1D | undefined;
    return conv2d(x, this.filter, { ...this.geometry, bias, relu: true });
  }

  override trace(input: Value, visit: LayerVisitor, name: string): Value {
    return traceRelu(super.trace(input, visit, name), visit, `${name}.relu`);
  }
}
