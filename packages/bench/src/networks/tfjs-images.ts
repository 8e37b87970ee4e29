import * as tf from '@tensorflow/tfjs-core';
import { imageValues } from './images.js';

/** The images of `imageValues` as tfjs takes them: [count, size, size, 3]. */
export function images(count: number, size: number): tf.Tensor4D {
  const { values, shape } = imageValues(count, size);
  return tf.tidy(() => tf.transpose(tf.tensor4d(values, shape), [0, 2, 3, 1]));
}

/** Labels from 0 to 9, one for each image. */
export function labels(count: number): tf.Tensor1D {
  return tf.tensor1d(
    Int32Array.from({ length: count }, (_, index) => index % 10),
    'int32',
  );
}
