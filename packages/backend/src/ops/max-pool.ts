import * as tf from '@tensorflow/tfjs-core';

/**
 * The largest value in each window; padding counts as minus infinity. Differentiable in x.
 *
 * @param x [count, height, width, channels]
 * @returns [count, ⌊(height + 2·padding - size) / stride⌋ + 1, …, channels]; owned by the caller
 */
export function maxPool(
  x: tf.Tensor4D,
  options: { size: number; stride: number; padding?: number },
): tf.Tensor4D {
  return tf.maxPool(x, options.size, options.stride, options.padding ?? 0, 'floor');
}
