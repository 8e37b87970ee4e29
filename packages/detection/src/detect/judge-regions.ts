import * as tf from '@tensorflow/tfjs-core';
import type { DetectorStages, FirstStage } from '../networks/faster-rcnn.js';
import { regionFeatures } from '../networks/region-features.js';
import type { DetectorInput } from './image-input.js';
import type { RegionOutputs } from './results.js';

/** What the region heads say of the regions of each image. */
export async function judgeRegions(
  detector: DetectorStages,
  { images, sizes }: DetectorInput,
  { maps }: FirstStage,
  proposals: readonly Float32Array[],
): Promise<RegionOutputs[]> {
  const { features, order } = regionFeatures(detector, maps, { list: proposals, sizes }, images.shape);
  const { logits, deltas } = detector.predict(features);
  const probabilities = tf.softmax(logits);
  try {
    const [read, readDeltas] = await Promise.all([probabilities.data<'float32'>(), deltas.data<'float32'>()]);
    const classes = logits.shape[1];
    const sorted = rowsBack(read!, classes, order);
    const sortedDeltas = rowsBack(readDeltas!, 4 * classes, order);
    let from = 0;
    return proposals.map((regions) => {
      const end = from + regions.length / 4;
      const part = {
        regions,
        probabilities: sorted.subarray(from * classes, end * classes),
        deltas: sortedDeltas.subarray(4 * from * classes, 4 * end * classes),
      };
      from = end;
      return part;
    });
  } finally {
    tf.dispose([features, logits, deltas, probabilities]);
  }
}

/** Rows in the order of their regions. @param order the region of each row */
function rowsBack(values: Float32Array, size: number, order: Int32Array): Float32Array {
  const rows = new Float32Array(values.length);
  for (const [row, to] of order.entries()) {
    rows.set(values.subarray(row * size, (row + 1) * size), to * size);
  }
  return rows;
}
