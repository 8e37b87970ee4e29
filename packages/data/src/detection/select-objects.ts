import type { ImageObjects } from './detection-dataset.js';

/** The objects at `indices`, in that order, as copies. */
export function selectObjects(objects: ImageObjects, indices: readonly number[]): ImageObjects {
  const { boxes, labels, difficult, crowd, areas } = objects;
  return {
    boxes: Float64Array.from(indices.flatMap((index) => [...boxes.subarray(4 * index, 4 * index + 4)])),
    labels: Int32Array.from(indices, (index) => labels[index]!),
    ...(difficult && { difficult: Uint8Array.from(indices, (index) => difficult[index]!) }),
    ...(crowd && { crowd: Uint8Array.from(indices, (index) => crowd[index]!) }),
    ...(areas && { areas: Float64Array.from(indices, (index) => areas[index]!) }),
  };
}
