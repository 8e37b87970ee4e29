import * as tf from '@tensorflow/tfjs-core';

/**
 * Puts rows and columns of zeros behind every row and column, so that they lie `strides` apart.
 *
 * @param x [count, height, width, channels]
 * @returns [count, height · strides[0], width · strides[1], channels]; owned by the caller
 */
export function insertZeros(x: tf.Tensor4D, [strideHeight, strideWidth]: [number, number]): tf.Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return x.clone();
  const [count, height, width, channels] = x.shape;
  return tf.tidy(() => {
    const pixels = tf.reshape(x, [count * height * width, 1, channels]);
    const columns = tf.pad(pixels, [
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ]);
    const row = width * strideWidth * channels;
    const rows = tf.pad(tf.reshape(columns, [count * height, 1, row]), [
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
    ]);
    return tf.reshape(rows, [count, height * strideHeight, width * strideWidth, channels]);
  });
}
