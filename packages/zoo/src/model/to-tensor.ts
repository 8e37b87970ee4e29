import { type Normalization, normalize } from '@resnet/data';
import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';

/**
 * A batch as a network's input.
 *
 * @param batch images NHWC, 0 to 255
 * @returns float32 `[count, height, width, channels]`, owned by the caller
 * @throws SHAPE_MISMATCH, OPTION_INVALID as `normalize`
 */
export function toTensor(batch: Parameters<typeof normalize>[0], normalization: Normalization): Tensor4D {
  const { count, height, width, channels } = batch;
  return tensor4d(normalize(batch, normalization), [count, height, width, channels], 'float32');
}
