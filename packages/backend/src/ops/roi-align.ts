import { ResnetError } from '@resnet/core';
import type { Attributes } from '@resnet/kernels/contracts';
import { alignTaps, problemOfSampling } from '@resnet/kernels/regions';
import type * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';
import { axisOfTaps } from './regions/axis.js';
import { gridOf, type RegionOptions } from './regions/check.js';
import { chunksOf } from './regions/chunks.js';
import { addRegions, partOfChunk, readRegions, resultOfChunks, sumOfChunks } from './regions/products.js';

export interface RoiAlignOptions extends RegionOptions {
  /** Samples of a cell in each direction, at most 256; 0: ⌈size of the cell in pixels of x⌉, which differs between regions. */
  samplingRatio: number;
  /**
   * Whether the center of a pixel lies at a half, as in detectron2's `ROIAlignV2`. torchvision's detectors have false: centers lie at
   * whole numbers, and a region has at least one pixel in each direction.
   */
  aligned: boolean;
}

const run = defineOperation('RoiAlign', {
  forward: ({ x }, attributes) => {
    const shape = [attributes.rows, attributes.columns, x.shape[3]];
    return resultOfChunks(chunks(attributes, x.shape), shape, (chunk) => readRegions(x, chunk));
  },
  saved: { inputs: ['x'], outputs: [] },
  gradient: (dy, [x], attributes) => ({ x: () => runGradient({ dy }, { ...attributes, shape: x.shape }) }),
});

const runGradient = defineOperation('RoiAlignGradient', {
  forward: ({ dy }, attributes) => {
    const shape = attributes.shape as tf.Tensor4D['shape'];
    return sumOfChunks(shape, chunks(attributes, shape), (chunk) =>
      addRegions(partOfChunk(dy, chunk), chunk),
    );
  },
});

function chunks(attributes: Attributes<'RoiAlign'>, [, height, width, channels]: tf.Tensor4D['shape']) {
  const { ofRows, ofColumns } = alignTaps(attributes, height, width);
  const { rows, columns } = attributes;
  return chunksOf(attributes, axisOfTaps(ofRows, rows), axisOfTaps(ofColumns, columns), channels);
}

/**
 * RoIAlign (He et al., Mask R-CNN, Section 3): each region is cut into cells, and a cell is the mean of bilinear samples in it.
 * torchvision's `roi_align`: samples more than one pixel outside of x are 0, within that they take the border's value. Differentiable in
 * x.
 *
 * With R regions the kernels on WASM and WebGPU take up to 4 · samplingRatio² multiply-adds for each value of the result, and no memory
 * besides it. On other backends it is products of matrices, of up to 2 · R · rows · width · channels · (height + columns) operations, in
 * chunks of regions whose tensors take up to 64 MB each, or what one region needs: rows · width · channels values. The less of the map a
 * chunk reads, the less both are. There a value of x that is not finite spreads to the regions of its chunk.
 *
 * @param x [count, height, width, channels]
 * @param regions five numbers for each: the index of its image, x1, y1, x2, y2 in pixels of the image. Constants: they have no gradient.
 * @returns [regions, rows, columns, channels]; owned by the caller
 * @throws INPUT_INVALID for an index that no image has, a number that is not finite or beyond a million pixels, and sizes and ratios out
 *   of their ranges
 */
export function roiAlign(x: tf.Tensor4D, regions: Float32Array, options: RoiAlignOptions): tf.Tensor4D {
  const grid = gridOf('roiAlign', x, regions, options);
  const { samplingRatio, aligned } = options;
  const problem = problemOfSampling(options);
  if (problem) throw new ResnetError('INPUT_INVALID', `roiAlign: ${problem}`);
  return run({ x }, { ...grid, samplingRatio, aligned });
}
