import * as tf from '@tensorflow/tfjs-core';

/**
 * A function that uploads a tensor to the GPU at once, not when the first operation needs it: for the next batch, while the GPU
 * still computes. Undefined where the current backend has no GPU memory, or computes while JavaScript waits. The tensor stays the
 * caller's; where the GPU is lost, the function throws BACKEND_LOST.
 */
export function uploaderToGpu(): ((tensor: tf.Tensor) => void) | undefined {
  // The backends webgpu and webgl have it.
  const backend = tf.backend() as { uploadToGPU?(dataId: object): void };
  return backend.uploadToGPU && (({ dataId }) => backend.uploadToGPU!(dataId));
}
