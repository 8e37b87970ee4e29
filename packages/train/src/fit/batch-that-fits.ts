import { ResnetError } from '@resnet/core';
import { type Network, summarize } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';

/** How often the largest activation is held besides all activations: as gradients, and in buffers between two uses. */
const LARGEST_HELD = 8;
/** Bytes of sums that do not depend on the number of images. */
const SUMS = 2 ** 25;
/** Values held for each parameter: itself, its velocity, its gradient, and the sums that this is made of. */
const VALUES_OF_PARAMETER = 5;

/** The error, which says how many images fit at a time where they are too many for the memory of a GPU. */
export function withBatchThatFits(error: unknown, network: Network): unknown {
  if (!ResnetError.is(error)) return error;
  if (error.code !== 'GPU_OUT_OF_MEMORY' && error.code !== 'TENSOR_TOO_LARGE') return error;
  const { activationBytes, parameters, layers } = summarize(network);
  const largest = Math.max(...layers.map(({ outputShape }) => 4 * tf.util.sizeFromShape([...outputShape])));
  const held = (network.recompute ? 0.5 : 1) * activationBytes + LARGEST_HELD * largest;
  const { numBytesAllocatedInGPU = 0 } = tf.memory() as { numBytesAllocatedInGPU?: number };
  const { device } = tf.backend() as { device?: { limits: { maxStorageBufferBindingSize: number } } };
  const limit = device?.limits.maxStorageBufferBindingSize ?? 0;
  const isTensor = error.code === 'TENSOR_TOO_LARGE';
  // No batch is small enough for such parameters.
  if (isTensor && layers.some((layer) => 4 * layer.parameters > limit)) return error;
  const forImages = numBytesAllocatedInGPU - SUMS - 4 * VALUES_OF_PARAMETER * parameters;
  const images = Math.floor(isTensor ? limit / largest : forImages / held);
  const advice =
    images > 0
      ? `About ${images} images at a time should fit through all of ${network.architecture.name}: as the batch size, or as a part of the batch (accumulation in the recipe).`
      : 'Not even one image would fit.';
  return new ResnetError(error.code, `${error.message} ${advice}`, { cause: error });
}
