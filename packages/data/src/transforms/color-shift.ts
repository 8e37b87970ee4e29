import { ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import { checkColors, checkRange } from './check-arguments.js';
import { madeBy, type Transform } from './transform.js';

/** The principal components of a data set's colors: RGB in [0, 1]. */
export interface ColorComponents {
  /** Variances along the directions, the largest first. */
  variances: readonly number[];
  /** The directions, unit vectors of red, green and blue. */
  directions: readonly (readonly number[])[];
}

/** ImageNet's principal components, as published with fb.resnet.torch (Facebook, 2016). */
export const IMAGENET_COLOR_COMPONENTS: ColorComponents = {
  variances: [0.2175, 0.0188, 0.0045],
  directions: [
    [-0.5675, -0.5808, -0.5836],
    [0.7192, -0.0045, -0.6948],
    [0.4009, -0.814, 0.4203],
  ],
};

/**
 * The standard color augmentation of the paper (Section 3.4), which is AlexNet's: the same color
 * is added to every pixel of an image: the sum of the principal components, each times its variance and a normal number.
 *
 * @param components of the data set; ImageNet's by default
 * @param deviation of the normal numbers; 0.1 by default, as AlexNet's
 * @throws OPTION_INVALID if the deviation is below 0
 */
export function colorShift(
  components: ColorComponents = IMAGENET_COLOR_COMPONENTS,
  deviation = 0.1,
): Transform {
  checkRange('deviation', [deviation, deviation], 0);
  const { variances, directions } = components;
  return madeBy('colorShift', [components, deviation], (image, random) => {
    checkColors(image, 'colorShift');
    const shift = [0, 0, 0];
    for (const [index, variance] of variances.entries()) {
      const amount = 255 * deviation * random.normal() * variance;
      for (let channel = 0; channel < 3; channel++) shift[channel]! += amount * directions[index]![channel]!;
    }
    const tables = shift.map((added) => Uint8ClampedArray.from({ length: 256 }, (_, value) => value + added));
    return { ...image, pixels: image.pixels.map((value, position) => tables[position % 3]![value]!) };
  });
}

/**
 * The principal components of the colors of images, over all of their pixels.
 *
 * @param images RGB
 * @throws SHAPE_MISMATCH if one is not RGB; DATA_INVALID if there is no pixel
 */
export function colorComponents(images: Iterable<Image>): ColorComponents {
  const sums = [0, 0, 0];
  const products = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let count = 0;
  for (const image of images) {
    checkColors(image, 'colorComponents');
    const { pixels } = image;
    count += pixels.length / 3;
    for (let position = 0; position < pixels.length; position += 3) {
      for (let a = 0; a < 3; a++) {
        const value = pixels[position + a]!;
        sums[a]! += value;
        for (let b = a; b < 3; b++) products[3 * a + b]! += value * pixels[position + b]!;
      }
    }
  }
  if (count === 0)
    throw new ResnetError('DATA_INVALID', 'colorComponents needs at least one image, found none.');
  const covariance = [0, 1, 2].map((a) =>
    [0, 1, 2].map((b) => {
      const product = products[a < b ? 3 * a + b : 3 * b + a]! / count;
      return (product - (sums[a]! / count) * (sums[b]! / count)) / 255 ** 2;
    }),
  );
  return eigenvectors(covariance);
}

/** The eigenvectors of a symmetric matrix of 3×3, by Jacobi rotations. */
function eigenvectors(matrix: number[][]): ColorComponents {
  const a = matrix;
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < 30; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      if (a[p]![q] === 0) continue;
      const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
      const tangent = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const cosine = 1 / Math.hypot(tangent, 1);
      const sine = tangent * cosine;
      for (let k = 0; k < 3; k++) {
        const [x, y] = [a[k]![p]!, a[k]![q]!];
        a[k]![p] = cosine * x - sine * y;
        a[k]![q] = sine * x + cosine * y;
      }
      for (let k = 0; k < 3; k++) {
        const [x, y] = [a[p]![k]!, a[q]![k]!];
        a[p]![k] = cosine * x - sine * y;
        a[q]![k] = sine * x + cosine * y;
        const [s, t] = [v[k]![p]!, v[k]![q]!];
        v[k]![p] = cosine * s - sine * t;
        v[k]![q] = sine * s + cosine * t;
      }
    }
  }
  const order = [0, 1, 2].sort((i, j) => a[j]![j]! - a[i]![i]!);
  return {
    variances: order.map((index) => a[index]![index]!),
    directions: order.map((index) => v.map((row) => row[index]!)),
  };
}
