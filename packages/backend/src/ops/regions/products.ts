import * as tf from '@tensorflow/tfjs-core';
import { weightsOf } from './axis.js';
import type { RegionChunk } from './chunks.js';

// What a region reads of a map is Y · map · Xᵀ, with a matrix Y of the weights of the map's rows, and X of its columns. As products of
// matrices this runs on every backend, reads nothing from a GPU, and its transpose adds in a fixed order.

/** What the regions of a chunk read: [regions, rows, columns, channels], with the reads of a bin beside each other. */
export function readRegions(x: tf.Tensor4D, chunk: RegionChunk): tf.Tensor4D {
  const { image, rows, columns } = chunk;
  const channels = x.shape[3];
  const size: [number, number, number, number] = [1, rows.length, columns.length, channels];
  const window = tf.slice(x, [image, rows.from, columns.from, 0], size);
  const lines = tf.matMul(weightsOfRows(chunk), tf.reshape(window, [rows.length, columns.length * channels]));
  const inLines = tf.reshape(lines, [-1, columns.length, channels]);
  return tf.reshape(tf.matMul(weightsOfColumns(chunk), inLines), resultOf(chunk, channels));
}

/** The transpose: `values` of a chunk, of the shape that is read, weighted and added to the window of the chunk. */
export function addRegions(values: tf.Tensor, chunk: RegionChunk): tf.Tensor3D {
  const { rows, columns } = chunk;
  const [, , readColumns, channels] = values.shape as [number, number, number, number];
  const inLines = tf.reshape(values, [-1, readColumns, channels]) as tf.Tensor3D;
  const lines = tf.matMul(weightsOfColumns(chunk), inLines, true);
  const flat = tf.reshape(lines, [-1, columns.length * channels]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(weightsOfRows(chunk), flat, true), [rows.length, columns.length, channels]);
}

/** The sums of `addRegions` over all chunks in a batch of maps of this shape. */
export function sumOfChunks(
  [images, height, width, channels]: readonly [number, number, number, number],
  chunks: readonly RegionChunk[],
  partOf: (chunk: RegionChunk) => tf.Tensor3D,
): tf.Tensor4D {
  const maps = Array.from({ length: images }, () => tf.zeros([height, width, channels]));
  for (const chunk of chunks) {
    const { image, rows, columns } = chunk;
    const before = maps[image]!;
    maps[image] = tf.tidy(() => {
      const padded = tf.pad(partOf(chunk), [
        [rows.from, height - rows.from - rows.length],
        [columns.from, width - columns.from - columns.length],
        [0, 0],
      ]);
      return tf.add(before, padded);
    });
    before.dispose();
  }
  return tf.stack(maps) as tf.Tensor4D;
}

/** The values of all chunks, which each have the shape [regions, ...shape], in the order of the regions. */
export function resultOfChunks(
  chunks: readonly RegionChunk[],
  shape: number[],
  partOf: (chunk: RegionChunk) => tf.Tensor,
): tf.Tensor4D {
  if (chunks.length === 0) return tf.zeros([0, ...shape] as unknown as tf.Tensor4D['shape']);
  const parts = chunks.map((chunk) => tf.tidy(() => partOf(chunk)));
  const inOrder = parts.length === 1 ? parts[0]! : tf.concat(parts);
  const positions = new Int32Array(inOrder.shape[0]!);
  let position = 0;
  for (const { regions } of chunks) for (const region of regions) positions[region] = position++;
  return tf.gather(inOrder, tf.tensor1d(positions, 'int32')) as tf.Tensor4D;
}

/** The rows of a tensor that belong to the regions of a chunk. */
export function partOfChunk(values: tf.Tensor, { regions }: RegionChunk): tf.Tensor {
  return tf.gather(values, tf.tensor1d(regions, 'int32'));
}

function resultOf({ regions, rows, columns }: RegionChunk, channels: number) {
  const [readRows, readColumns] = [rows.axis.bins * rows.reads, columns.axis.bins * columns.reads];
  return [regions.length, readRows, readColumns, channels] as [number, number, number, number];
}

/** [regions · rows, height of the window] */
function weightsOfRows({ regions, rows }: RegionChunk): tf.Tensor2D {
  return tf.tensor2d(weightsOf(rows.axis, regions, rows), [
    regions.length * rows.axis.bins * rows.reads,
    rows.length,
  ]);
}

/** Once for each row of each region: [regions · rows, columns, width of the window]. */
function weightsOfColumns({ regions, rows, columns }: RegionChunk): tf.Tensor3D {
  const readColumns = columns.axis.bins * columns.reads;
  const shape = [regions.length, 1, readColumns, columns.length] as [number, number, number, number];
  const once = tf.tensor4d(weightsOf(columns.axis, regions, columns), shape);
  const repeated = tf.tile(once, [1, rows.axis.bins * rows.reads, 1, 1]);
  return tf.reshape(repeated, [-1, readColumns, columns.length]);
}
