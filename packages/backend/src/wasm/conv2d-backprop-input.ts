import * as tf from '@tensorflow/tfjs-core';
import { insertZeros } from '../ops/insert-zeros.js';
import { type ConvAttributes, convolutionGeometry } from './convolution-geometry.js';

/** Zeros to add before and after the rows, and before and after the columns. */
type Border = [[number, number], [number, number]];

/**
 * The gradient of a convolution's input is a convolution of the output's gradient, spread out by the stride, with
 * the filter turned by 180° and its channels exchanged. XNNPACK does that several times as fast as tfjs's kernel.
 */
export function conv2dBackpropInputKernel(
  { dy, filter }: { dy: tf.Tensor4D; filter: tf.Tensor4D },
  attributes: ConvAttributes & { inputShape: [number, number, number, number] },
): tf.Tensor {
  const { inputShape } = attributes;
  const { strides, before, filterSize } = convolutionGeometry(inputShape, filter.shape, attributes);
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  const spread = insertZeros(dy, strides);
  const border = [1, 2].map((axis, side) => {
    const first = filterSize[side]! - 1 - before[side]!;
    return [first, inputShape[axis]! - spread.shape[axis]! - first + filterSize[side]! - 1];
  }) as Border;
  const [rows, columns] = border.map((pair) => pair.map((size) => Math.max(0, size))) as Border;
  return tf.conv2d(cut(spread, border), turned as tf.Tensor4D, 1, [[0, 0], rows, columns, [0, 0]]);
}

/** Where a border is negative (more padding than filter, or rows that no window reached), takes rows away. */
function cut(x: tf.Tensor4D, [[top, bottom], [left, right]]: Border): tf.Tensor4D {
  if (Math.min(top, bottom, left, right) >= 0) return x;
  const [count, height, width, channels] = x.shape;
  const begin = [0, Math.max(0, -top), Math.max(0, -left), 0];
  const end = [count, height + Math.min(0, bottom), width + Math.min(0, right), channels];
  return tf.slice(
    x,
    begin,
    end.map((place, axis) => place - begin[axis]!),
  );
}
