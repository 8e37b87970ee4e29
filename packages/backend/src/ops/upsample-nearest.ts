import { ResnetError } from '@resnet/core';
import { nearestPixels } from '@resnet/kernels/regions';
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';

const run = defineOperation('UpsampleNearest', {
  forward: ({ x }, { height, width }) => {
    const pixelsOf = (length: number, from: number) => tf.tensor1d(nearestPixels(from, length), 'int32');
    const lines = tf.gather(x, pixelsOf(height, x.shape[1]), 1);
    return tf.gather(lines, pixelsOf(width, x.shape[2]), 2);
  },
  saved: { inputs: ['x'], outputs: [] },
  gradient: (dy, [x]) => ({ x: () => runGradient({ dy }, { shape: x.shape }) }),
});

const runGradient = defineOperation('UpsampleNearestGradient', {
  forward: ({ dy }, { shape }) => {
    const [images, outHeight, outWidth, channels] = dy.shape;
    const [, height, width] = shape as tf.Tensor4D['shape'];
    const inLines = tf.reshape(dy, [images * outHeight, outWidth, channels]) as tf.Tensor3D;
    const columns = tf.matMul(sources(width, outWidth), inLines);
    const flat = tf.reshape(columns, [images, outHeight, width * channels]) as tf.Tensor3D;
    return tf.reshape(tf.matMul(sources(height, outHeight), flat), shape);
  },
});

/** [1, length, outLength]: 1 where a pixel of the result comes from one of x. */
function sources(length: number, outLength: number): tf.Tensor3D {
  const values = new Float32Array(length * outLength);
  for (const [index, pixel] of nearestPixels(length, outLength).entries())
    values[pixel * outLength + index] = 1;
  return tf.tensor3d(values, [1, length, outLength]);
}

/**
 * Images of another size, each of whose pixels is that at ⌊i · size of x / size of the result⌋: PyTorch's `interpolate` with
 * `mode='nearest'`, which computes it in float32. Differentiable in x.
 *
 * @param x [count, height, width, channels]
 * @returns [count, ...size, channels]; owned by the caller
 * @throws SHAPE_MISMATCH if x has no pixels, or the size is not of two integers of at least 1
 */
export function upsampleNearest(x: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor4D {
  const isPossible = [height, width, x.shape[1], x.shape[2]].every(
    (size) => Number.isInteger(size) && size > 0,
  );
  if (!isPossible) {
    const message = `Upsampling takes images with pixels to a height and a width of at least 1, found [${x.shape}] to [${height}, ${width}].`;
    throw new ResnetError('SHAPE_MISMATCH', message);
  }
  return run({ x }, { height, width });
}
