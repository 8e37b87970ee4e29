import { type Boxes, gridAnchors } from '@resnet/boxes';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * The anchors at every position of each level.
 *
 * @param cells of each level, the anchors at one position, around 0
 * @param maps of each level, [count, rows, columns, channels]
 * @param size [height, width] of the network's input
 */
export function levelAnchors(
  cells: readonly Float32Array[],
  maps: readonly tf.Tensor4D[],
  [height, width]: readonly [number, number],
): Boxes[] {
  return maps.map(({ shape: [, rows, columns] }, level) =>
    gridAnchors(cells[level]!, {
      rows,
      columns,
      strideY: Math.floor(height / rows),
      strideX: Math.floor(width / columns),
    }),
  );
}
