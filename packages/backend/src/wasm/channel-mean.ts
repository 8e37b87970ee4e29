import * as tf from '@tensorflow/tfjs-core';

/**
 * The mean of each image by average pooling, then the mean over the images. XNNPACK's pooling reads the tensor
 * once, as it lies; tfjs's reduction transposes it first. Two short sums also round less than a long one.
 */
export function channelMeanKernel({ x }: { x: tf.Tensor4D }): tf.Tensor {
  const [count, height, width, channels] = x.shape;
  return tf.mean(tf.reshape(tf.avgPool(x, [height, width], 1, 'valid'), [count, channels]), 0);
}
