import type { Image, Normalization } from '@resnet/data';
import { toTensor } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectorSettings } from '../networks/settings.js';

/** Sides of inputs are multiples of it, so that the levels of a pyramid fit each other. */
const MULTIPLE = 32;

/**
 * The size of an image before the network: its shorter side is scaled to `shorterSide`, unless the longer one would exceed
 * `longestSide`; both are rounded down, as torchvision does.
 *
 * @returns [height, width]
 */
export function scaledSize(
  height: number,
  width: number,
  { shorterSide, longestSide }: Pick<DetectorSettings, 'shorterSide' | 'longestSide'>,
): [number, number] {
  const scale = Math.min(shorterSide / Math.min(height, width), longestSide / Math.max(height, width));
  return [Math.max(1, Math.floor(height * scale)), Math.max(1, Math.floor(width * scale))];
}

export interface DetectorInput {
  /** [count, height, width, channels], normalized, with zeros at the right and at the bottom; owned by the caller. */
  images: tf.Tensor4D;
  /** [height, width] of each image in it, without the zeros. */
  sizes: readonly (readonly [number, number])[];
}

/**
 * Images as a detector takes them: normalized, scaled by bilinear interpolation without antialiasing, and padded with zeros to one
 * size, a multiple of 32. As torchvision does it (`transform.py`).
 *
 * @param sizes to scale them to
 */
export function detectorInput(
  images: readonly Image[],
  sizes: readonly (readonly [number, number])[],
  normalization: Normalization,
): DetectorInput {
  const [height, width] = [0, 1].map((axis) => {
    const longest = Math.max(...sizes.map((size) => size[axis]!));
    return Math.ceil(longest / MULTIPLE) * MULTIPLE;
  }) as [number, number];
  const padded = tf.tidy(() => {
    const each = images.map((image, index) => {
      const { height: fromHeight, width: fromWidth, channels, pixels } = image;
      const one = { images: pixels, count: 1, height: fromHeight, width: fromWidth, channels };
      const [toHeight, toWidth] = sizes[index]!;
      const normalized = toTensor(one, normalization);
      const isSame = fromHeight === toHeight && fromWidth === toWidth;
      const scaled = isSame
        ? normalized
        : tf.image.resizeBilinear(normalized, [toHeight, toWidth], false, true);
      return tf.pad4d(scaled, [
        [0, 0],
        [0, height - toHeight],
        [0, width - toWidth],
        [0, 0],
      ]);
    });
    return each.length === 1 ? each[0]! : tf.concat4d(each, 0);
  });
  return { images: padded, sizes };
}
