import { checkInteger } from '@resnet/core';
import { MOST_PIXELS } from '../images/image-limits.js';
import { resize, tooLarge } from '../transforms/resize.js';
import { madeBy } from '../transforms/transform.js';
import type { ObjectTransform } from './object-transform.js';

/**
 * Scales images as torchvision's detectors do: to a shorter side of `shorter` pixels, or, where the longer side would then exceed
 * `longest`, to that; sizes are rounded down. Bilinear without antialiasing, with half-pixel centers. torchvision scales
 * normalized numbers; here the result is rounded to bytes, to within one level of its.
 *
 * @param options.shorter pixels of the shorter side, 800 in torchvision
 * @param options.longest most pixels of the longer side, 1333 in torchvision
 * @throws OPTION_INVALID if a side is not an integer of at least 1, or `longest` is less than `shorter`
 */
export function resizeObjects(options: { shorter: number; longest: number }): ObjectTransform {
  const { shorter, longest } = options;
  checkInteger('shorter', shorter, 1);
  checkInteger('longest', longest, shorter);
  return madeBy('resizeObjects', [options], (input) => {
    const { image, objects } = input;
    const { height, width } = sizeWithin(image, shorter, longest);
    if (height === image.height && width === image.width) return input;
    if (height * width > MOST_PIXELS) throw tooLarge('IMAGE_INVALID', image, { height, width });
    // Multiplied first, so that a box of the whole image stays one.
    const scaled = (value: number, at: number) =>
      at % 2 === 0 ? (value * width) / image.width : (value * height) / image.height;
    const areaScale = (width * height) / (image.width * image.height);
    return {
      image: resize(image, { height, width }, { antialias: false }),
      objects: {
        ...objects,
        boxes: objects.boxes.map(scaled),
        ...(objects.areas && { areas: objects.areas.map((area) => area * areaScale) }),
      },
    };
  });
}

function sizeWithin({ height, width }: { height: number; width: number }, shorter: number, longest: number) {
  const scale = Math.min(shorter / Math.min(height, width), longest / Math.max(height, width));
  // An image of a thousand times its height becomes less than a row.
  return { height: Math.max(1, Math.floor(height * scale)), width: Math.max(1, Math.floor(width * scale)) };
}
