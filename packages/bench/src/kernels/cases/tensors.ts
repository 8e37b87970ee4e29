import * as tf from '@tensorflow/tfjs-core';
import { randomValues } from '../../measuring/random-values.js';

/** A tensor of noise. */
export function noise<T extends tf.Tensor>(shape: number[]): T {
  return tf.tensor(randomValues(sizeOf(shape)), shape) as T;
}

/** The number of values in a tensor. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Bytes of float32 in tensors of these shapes. */
export function bytesOf(...shapes: (readonly number[])[]): number {
  return shapes.reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
}

/** Runs a kernel of tfjs's current backend by its name. */
export function runKernel(name: string, inputs: object, attributes: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor;
}
