import type { Image } from '../images/image.js';
import { mirrored } from '../transforms/flip.js';
import { madeBy } from '../transforms/transform.js';
import type { ObjectImage, ObjectTransform } from './object-transform.js';

/**
 * Mirrors left and right, top and bottom, or both, each with probability 1/2.
 *
 * @param options.horizontal whether left and right may be exchanged; true by default
 * @param options.vertical whether top and bottom may be; false by default
 */
export function flipObjects(options: { horizontal?: boolean; vertical?: boolean } = {}): ObjectTransform {
  const { horizontal = true, vertical = false } = options;
  return madeBy('flipObjects', [options], (input, random) => {
    let flipped: ObjectImage = input;
    if (horizontal && random.uniform() < 0.5) flipped = flippedAcross(flipped);
    if (vertical && random.uniform() < 0.5) flipped = flippedDown(flipped);
    return flipped;
  });
}

function flippedAcross({ image, objects }: ObjectImage): ObjectImage {
  const boxes = exchanged(objects.boxes, 0, image.width);
  return { image: mirrored(image), objects: { ...objects, boxes } };
}

function flippedDown({ image, objects }: ObjectImage): ObjectImage {
  const boxes = exchanged(objects.boxes, 1, image.height);
  return { image: upsideDown(image), objects: { ...objects, boxes } };
}

/** Boxes mirrored along an axis: 0 for x, 1 for y. */
function exchanged(boxes: Float64Array, axis: 0 | 1, size: number): Float64Array {
  const mirrored = boxes.slice();
  for (let at = axis; at < boxes.length; at += 4) {
    mirrored[at] = size - boxes[at + 2]!;
    mirrored[at + 2] = size - boxes[at]!;
  }
  return mirrored;
}

function upsideDown(image: Image): Image {
  const rowBytes = image.width * image.channels;
  const pixels = new Uint8Array(image.pixels.length);
  for (let from = 0, to = pixels.length - rowBytes; to >= 0; from += rowBytes, to -= rowBytes) {
    pixels.set(image.pixels.subarray(from, from + rowBytes), to);
  }
  return { ...image, pixels };
}
