import { poolBins, type RegionGrid } from '@resnet/kernels/regions';
import * as tf from '@tensorflow/tfjs-core';
import { defineOperation } from '../operation/define-operation.js';
import { axisOfBins } from './regions/axis.js';
import { gridOf, type RegionOptions } from './regions/check.js';
import { chunksOf, type RegionChunk } from './regions/chunks.js';
import { addRegions, partOfChunk, resultOfChunks, sumOfChunks } from './regions/products.js';

const run = defineOperation('RoiMaxPool', {
  forward: ({ x }, grid) => {
    const shape = [grid.rows, grid.columns, x.shape[3]];
    return resultOfChunks(chunks(grid, x.shape), shape, (chunk) => {
      const largest = tf.max(cellsOf(x, chunk), 1);
      return tf.reshape(tf.where(hasPixels(chunk), largest, tf.zerosLike(largest)), [-1, ...shape]);
    });
  },
  saved: { inputs: ['x'], outputs: [0] },
  gradient: (dy, [x, y], grid) => ({ x: () => runGradient({ dy, x, y }, grid) }),
});

const runGradient = defineOperation('RoiMaxPoolGradient', {
  forward: ({ dy, x, y }, grid) => {
    const channels = x.shape[3];
    return sumOfChunks(x.shape, chunks(grid, x.shape), (chunk) => {
      const cells = cellsOf(x, chunk);
      const ofCells = (values: tf.Tensor) => tf.reshape(partOfChunk(values, chunk), [-1, 1, channels]);
      const isLargest = tf.logicalAnd(tf.equal(cells, ofCells(y)), tf.expandDims(hasPixels(chunk), 1));
      const positions = tf.reshape(tf.range(0, cells.shape[1]), [1, -1, 1]);
      const candidates = tf.where(isLargest, positions, cells.shape[1]);
      const isFirst = tf.equal(positions, tf.min(candidates, 1, true));
      const shares = tf.where(isFirst, ofCells(dy), tf.zerosLike(cells));
      return addRegions(inLines(shares, chunk), chunk);
    });
  },
});

function chunks(grid: RegionGrid, [, height, width, channels]: tf.Tensor4D['shape']): RegionChunk[] {
  const { ofRows, ofColumns } = poolBins(grid, height, width);
  return chunksOf(grid, axisOfBins(ofRows, grid.rows), axisOfBins(ofColumns, grid.columns), channels);
}

/** The pixels of each cell in reading order: [cells, pixels, channels]. */
function cellsOf(x: tf.Tensor4D, { regions, image, rows, columns }: RegionChunk): tf.Tensor3D {
  const [, height, width, channels] = x.shape;
  const map = tf.reshape(tf.slice(x, [image, 0, 0, 0], [1, height, width, channels]), [-1, channels]);
  const pixels: number[] = [];
  for (const region of regions) {
    for (let row = 0; row < rows.axis.bins; row++) {
      for (let column = 0; column < columns.axis.bins; column++) {
        for (let down = 0; down < rows.reads; down++) {
          for (let across = 0; across < columns.reads; across++) {
            let pixel = 0;
            rows.axis.eachPixel(region, row, down, (at) => (pixel += at * width));
            columns.axis.eachPixel(region, column, across, (at) => (pixel += at));
            pixels.push(pixel);
          }
        }
      }
    }
  }
  const read = tf.gather(map, tf.tensor1d(pixels, 'int32'));
  return tf.reshape(read, [-1, rows.reads * columns.reads, channels]);
}

/** Whether each cell has any pixels: [cells, 1]. */
function hasPixels({ regions, rows, columns }: RegionChunk): tf.Tensor2D {
  const flags: number[] = [];
  for (const region of regions) {
    for (let row = 0; row < rows.axis.bins; row++) {
      for (let column = 0; column < columns.axis.bins; column++) {
        let [inRows, inColumns] = [0, 0];
        rows.axis.eachPixel(region, row, 0, () => inRows++);
        columns.axis.eachPixel(region, column, 0, () => inColumns++);
        flags.push(inRows * inColumns);
      }
    }
  }
  return tf.tensor2d(flags, [flags.length, 1], 'bool');
}

/** From cells with their pixels to the rows and columns that the regions read. */
function inLines(cells: tf.Tensor, { regions, rows, columns }: RegionChunk): tf.Tensor4D {
  const channels = cells.shape[2]!;
  const lines = regions.length * rows.axis.bins;
  const apart = tf.reshape(cells, [lines, columns.axis.bins, rows.reads, columns.reads * channels]);
  const together = tf.transpose(apart, [0, 2, 1, 3]);
  const shape = [regions.length, rows.axis.bins * rows.reads, columns.axis.bins * columns.reads, channels];
  return tf.reshape(together, shape as tf.Tensor4D['shape']);
}

/**
 * RoI max pooling (Girshick, Fast R-CNN, Section 2.1), torchvision's `roi_pool`: the sides of regions are rounded to pixels, and each cell
 * has the largest value in it; cells without pixels of x have 0. Differentiable in x; of several largest values the first in reading order
 * gets the gradient.
 *
 * The kernels on WASM and WebGPU read each pixel of a region once, or twice where cells share it, and need no memory besides the result. On
 * other backends chunks of regions have tensors of up to 64 MB, or what one region needs: a copy of its pixels. Their gradient is products of
 * matrices, as that of `roiAlign`.
 *
 * @param x [count, height, width, channels]
 * @param regions five numbers for each: the index of its image, x1, y1, x2, y2 in pixels of the image. Constants: they have no gradient.
 * @returns [regions, rows, columns, channels]; owned by the caller
 * @throws INPUT_INVALID for an index that no image has, a number that is not finite or beyond a million pixels, and sizes out of their
 *   range
 */
export function roiMaxPool(x: tf.Tensor4D, regions: Float32Array, options: RegionOptions): tf.Tensor4D {
  return run({ x }, gridOf('roiMaxPool', x, regions, options));
}
