import * as tf from '@tensorflow/tfjs-core';

/** A tensor's values outside of tfjs. */
export interface Values<T = Float32Array | Int32Array> {
  shape: number[];
  values: T;
}

/** Runs what is registered under this name; its inputs and results leave no tensors behind. */
export function runKernel(
  name: string,
  inputs: Record<string, Values | undefined>,
  attributes: object = {},
): Values<Float32Array>[] {
  const results: Values<Float32Array>[] = [];
  tf.tidy(() => {
    const tensors: tf.NamedTensorMap = {};
    for (const [key, input] of Object.entries(inputs)) if (input) tensors[key] = toTensor(input);
    const outputs = tf.engine().runKernel(name, tensors, attributes as tf.NamedAttrMap);
    for (const output of [outputs].flat()) results.push(toValues(output as tf.Tensor));
  });
  return results;
}

/** The same for kernels of one result. */
export function runKernelForOne(...call: Parameters<typeof runKernel>): Values<Float32Array> {
  return runKernel(...call)[0]!;
}

export function toTensor({ shape, values }: Values): tf.Tensor {
  return tf.tensor(values, shape, values instanceof Int32Array ? 'int32' : 'float32');
}

export function toValues(tensor: tf.Tensor): Values<Float32Array> {
  return { shape: tensor.shape, values: tensor.dataSync<'float32'>() };
}

/** For comparisons bit by bit. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
