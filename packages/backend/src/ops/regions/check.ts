import { ResnetError } from '@resnet/core';
import { problemOfRegions, type RegionGrid } from '@resnet/kernels/regions';
import type * as tf from '@tensorflow/tfjs-core';

/** Where regions are, and what is made of each. */
export interface RegionOptions {
  /** Rows and columns of the result, each from 1 to 256. */
  size: readonly [number, number];
  /** From pixels of the image to pixels of x: 1/16 for a map of stride 16. */
  scale: number;
}

/** @throws INPUT_INVALID for regions that are not regions of these maps */
export function gridOf(
  operation: string,
  x: tf.Tensor4D,
  regions: Float32Array,
  { size: [rows, columns], scale }: RegionOptions,
): RegionGrid {
  const grid = { regions, rows, columns, scale };
  const [images, height, width] = x.shape;
  const problem =
    height * width === 0 ? `the maps have pixels, found [${x.shape}].` : problemOfRegions(grid, images);
  if (problem) throw new ResnetError('INPUT_INVALID', `${operation}: ${problem}`);
  return grid;
}
