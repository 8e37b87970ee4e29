import { ResnetError } from '@resnet/core';
import type { ImageSet } from '../sets/image-set.js';
import { perPixelMean } from './image-statistics.js';

/** How pixels become inputs of a network: `(pixel / 255 - mean) / std`. */
export interface Normalization {
  /** One number per channel, or one for each value of an image (`height * width * channels`, HWC); in 0..1. */
  mean: Float32Array;
  /** One number per channel, in 0..1. */
  std: Float32Array;
}

/** The channel statistics of ImageNet that torchvision's weights expect (red, green, blue). */
export const IMAGENET_NORMALIZATION: Normalization = {
  mean: Float32Array.of(0.485, 0.456, 0.406),
  std: Float32Array.of(0.229, 0.224, 0.225),
};

/**
 * The paper's normalization for CIFAR-10 (Section 4.2): the mean image of the training set is subtracted, and the scale is kept.
 *
 * @throws DATA_INVALID if the set is empty or inconsistent
 */
export function perPixelMeanNormalization(set: ImageSet): Normalization {
  return { mean: perPixelMean(set), std: new Float32Array(set.channels).fill(1) };
}

/**
 * Normalizes a batch's pixels to a network's input, with the same bits on every platform.
 *
 * @param batch images NHWC, 0 to 255
 * @returns NHWC
 * @throws SHAPE_MISMATCH if the number of pixels doesn't match the batch's sizes, the mean is neither for each
 *   channel nor for each value of an image, or the deviation is not for each channel; OPTION_INVALID if a deviation is not
 *   above 0
 */
export function normalize(
  batch: { images: Uint8Array; count: number; height: number; width: number; channels: number },
  normalization: Normalization,
): Float32Array {
  const { images, height, width, channels } = batch;
  const size = height * width * channels;
  check(batch, normalization);

  const mean = atEachValue(normalization.mean, size);
  const std = atEachValue(normalization.std, size);
  const values = new Float32Array(images.length);
  for (let start = 0; start < values.length; start += size) {
    for (let position = 0; position < size; position++) {
      values[start + position] = (images[start + position]! / 255 - mean[position]!) / std[position]!;
    }
  }
  return values;
}

function check(
  { images, count, height, width, channels }: Parameters<typeof normalize>[0],
  { mean, std }: Normalization,
): void {
  const size = height * width * channels;
  if (images.length !== count * size) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `A batch of ${count} x ${height} x ${width} x ${channels} must hold ${count * size} bytes of pixels, ` +
        `found ${images.length}.`,
    );
  }
  if (mean.length !== channels && mean.length !== size) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `The mean for images of ${height} x ${width} x ${channels} must have ${channels} numbers (one a channel) ` +
        `or ${size} (one a value of an image), found ${mean.length}. Take it from images of the same size.`,
    );
  }
  if (std.length !== channels) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `The standard deviation must have ${channels} numbers, one a channel, found ${std.length}.`,
    );
  }
  if (!std.every((value) => value > 0)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `The standard deviation must be above 0 in every channel, found ${std.join(', ')}. ` +
        'It is 0 where a whole channel has one value: leave that channel out, or give it 1.',
    );
  }
}

/** Repeats one number per channel for every pixel of an image, so that one loop handles both kinds of mean. */
function atEachValue(values: Float32Array, size: number): Float32Array {
  if (values.length === size) return values;
  const repeated = new Float32Array(size);
  for (let position = 0; position < size; position++) {
    repeated[position] = values[position % values.length]!;
  }
  return repeated;
}
