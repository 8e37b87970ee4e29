import * as tf from '@tensorflow/tfjs-core';

/**
 * What brings a tensor to the GPU at once, instead of when the first operation takes it: for data that is needed next,
 * while the GPU still computes. Undefined where the current backend computes in the processor's memory, or while JavaScript
 * waits. The tensor stays the caller's; where the GPU is gone, BACKEND_LOST is thrown.
 */
export function uploaderToGpu(): ((tensor: tf.Tensor) => void) | undefined {
  // WebGPU's and WebGL's have it.
  const backend = tf.backend() as { uploadToGPU?(dataId: object): void };
  return backend.uploadToGPU && (({ dataId }) => backend.uploadToGPU!(dataId));
}
