import * as tf from '@tensorflow/tfjs-core';
import { type ConvAttributes, convolutionGeometry } from './convolution-geometry.js';

/**
 * The gradient of a convolution's filter is itself a convolution: images and channels of the input change places,
 * and the output's gradient, dilated by the stride, is the filter. tfjs's WASM backend has no kernel for it.
 */
export function conv2dBackpropFilterKernel(
  { x, dy }: { x: tf.Tensor4D; dy: tf.Tensor4D },
  attributes: ConvAttributes & {
    filterShape: [number, number, number, number];
  },
): tf.Tensor {
  const { filterShape } = attributes;
  const { strides, before, filterSize } = convolutionGeometry(x.shape, filterShape, attributes);
  const after = [1, 2].map((axis, side) => {
    const reach = (dy.shape[axis]! - 1) * strides[side]! + filterSize[side]!;
    return Math.max(0, reach - x.shape[axis]! - before[side]!);
  });
  const images = tf.transpose(x, [3, 1, 2, 0]);
  const windows = tf.transpose(dy, [1, 2, 0, 3]);
  const padding: [number, number][] = [0, 1].map((side) => [before[side]!, after[side]!]);
  const products = tf.conv2d(images, windows, 1, [[0, 0], padding[0]!, padding[1]!, [0, 0]], 'NHWC', strides);
  const [inChannels, , , outChannels] = products.shape;
  const filterGradient = tf.slice(products, 0, [inChannels, filterSize[0]!, filterSize[1]!, outChannels]);
  return tf.transpose(filterGradient, [1, 2, 0, 3]);
}
