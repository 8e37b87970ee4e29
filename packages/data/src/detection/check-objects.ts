import { ResnetError } from '@resnet/core';
import type { ImageObjects } from './detection-dataset.js';

/**
 * Checks that arrays have one entry an object, that labels are classes, and that boxes have a positive size: a box without one
 * makes a training's losses NaN.
 *
 * @param image its name, for messages
 * @throws DATA_INVALID, naming the image and the object
 */
export function checkObjects(objects: ImageObjects, classCount: number, image: string): void {
  const { boxes, labels } = objects;
  const count = labels.length;
  const lengths = { ...objects, boxes: { length: boxes.length / 4 } };
  for (const name of ['boxes', 'difficult', 'crowd', 'areas'] as const) {
    const length = lengths[name]?.length ?? count;
    if (length === count) continue;
    throw invalid(`The objects of ${image} must have ${count} ${name}, as many as labels, found ${length}.`);
  }
  for (let object = 0; object < count; object++) {
    const label = labels[object]!;
    if (label < 0 || label >= classCount) {
      throw invalid(
        `The label of object ${object} of ${image} must be one of ${classCount} classes, found ${label}.`,
      );
    }
    const box = boxes.subarray(4 * object, 4 * object + 4);
    const [x1, y1, x2, y2] = box as unknown as [number, number, number, number];
    if (x2 - x1 > 0 && y2 - y1 > 0 && box.every(Number.isFinite)) continue;
    throw invalid(
      `The box of object ${object} of ${image} must be x1, y1, x2, y2 with x1 < x2 and y1 < y2, found ${box.join(', ')}. ` +
        'Leave it out, or check the transform.',
    );
  }
}

function invalid(message: string): ResnetError {
  return new ResnetError('DATA_INVALID', message);
}
