/// <reference types="@webgpu/types" />

import { ResnetError } from '@resnet/core';
import { util } from '@tensorflow/tfjs-core';
import type { BufferPool } from './buffer-pool.js';
import type { TensorData } from './tfjs-backend.js';

/** The error of every operation on a GPU whose memory is full: of what was asked for then, nothing can be computed. */
export function outOfMemory({ numBytesAllocated, lastSize }: BufferPool): ResnetError {
  return new ResnetError(
    'GPU_OUT_OF_MEMORY',
    `The GPU has no memory left: this program's tensors have ${megabytes(numBytesAllocated)} of it, and ${megabytes(lastSize)} more were asked for. Use smaller batches or smaller images, end other programs on the GPU, or start another backend.`,
  );
}

/** @throws TENSOR_TOO_LARGE if shaders can't use the tensor's buffer, as it would be larger than this GPU allows */
export function checkSize(
  { resource, shape, dtype }: TensorData,
  { maxStorageBufferBindingSize, maxBufferSize }: GPUSupportedLimits,
): void {
  if (resource) return;
  const bytes = 4 * util.sizeFromShape(shape);
  const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  if (bytes <= limit) return;
  const [images = 1] = shape;
  const fitting = Math.floor((limit * images) / bytes);
  const advice =
    shape.length === 4
      ? `With ${fitting} images in place of ${images} it would fit: use smaller batches, or smaller images.`
      : 'Use another backend.';
  throw new ResnetError(
    'TENSOR_TOO_LARGE',
    `A tensor ${dtype} [${shape.join(', ')}] takes ${megabytes(bytes)}, and the GPU's driver allows ${megabytes(limit)} for one. ${advice}`,
  );
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;
