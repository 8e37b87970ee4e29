import { type Random, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import { checkRange } from '../transforms/check-arguments.js';
import { crop, type Region } from '../transforms/crop.js';
import { madeBy } from '../transforms/transform.js';
import type { ImageObjects } from './detection-dataset.js';
import type { ObjectTransform } from './object-transform.js';
import { selectObjects } from './select-objects.js';

/** Regions that are drawn before an image is left as it is. */
const ATTEMPTS = 10;

/**
 * Cuts out a random part of the image. An object stays if at least `leastVisible` of its box lies in the part, and is clipped to it;
 * other objects are dropped, though some of their pixels may be seen. A crowd stays if any of it lies in the part, so that its
 * pixels still count as a crowd. After ten parts that hold no object, an image with objects stays as it is.
 *
 * @param options.area the range of the part's share of the image; [0.3, 1] by default
 * @param options.ratio the range of its width by its height, compared with the image's; [1/2, 2] by default
 * @param options.leastVisible above 0, at most 1; 0.3 by default
 * @throws OPTION_INVALID if an option is out of range
 */
export function cropObjects(
  options: {
    area?: readonly [number, number];
    ratio?: readonly [number, number];
    leastVisible?: number;
  } = {},
): ObjectTransform {
  const { area = [0.3, 1], ratio = [1 / 2, 2], leastVisible = 0.3 } = options;
  checkRange('area', area, Number.MIN_VALUE);
  checkRange('ratio', ratio, Number.MIN_VALUE);
  if (!(leastVisible > 0 && leastVisible <= 1)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `leastVisible must be a number above 0 and at most 1, found ${leastVisible}.`,
    );
  }
  return madeBy('cropObjects', [options], (input, random) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const region = drawRegion(input.image, area, ratio, random);
      const cropped = region && objectsIn(input.objects, region, leastVisible);
      const isKept = cropped && (input.objects.labels.length === 0 || cropped.labels.length > 0);
      if (isKept) return { image: crop(input.image, region), objects: cropped };
    }
    return input;
  });
}

/** @returns undefined if the part that was drawn is larger than the image */
function drawRegion(
  { height, width }: Image,
  area: readonly [number, number],
  ratio: readonly [number, number],
  random: Random,
): Region | undefined {
  const share = area[0] + (area[1] - area[0]) * random.uniform();
  const [flattest, tallest] = [Math.log(ratio[0]), Math.log(ratio[1])];
  const shape = Math.exp(flattest + (tallest - flattest) * random.uniform());
  const rows = Math.max(1, Math.round(height * Math.sqrt(share / shape)));
  const columns = Math.max(1, Math.round(width * Math.sqrt(share * shape)));
  if (rows > height || columns > width) return undefined;
  const top = random.int(height - rows + 1);
  const left = random.int(width - columns + 1);
  return { top, left, height: rows, width: columns };
}

/** The objects of which enough lies in a region, clipped to it, in its pixels. */
function objectsIn(objects: ImageObjects, region: Region, leastVisible: number): ImageObjects {
  const { top, left, height, width } = region;
  const clipped = objects.boxes.map((value, at) =>
    at % 2 === 0 ? clamp(value - left, width) : clamp(value - top, height),
  );
  const shares = Array.from(
    objects.labels,
    (_, index) => areaOf(clipped, index) / areaOf(objects.boxes, index),
  );
  const kept = shares.flatMap((share, index) => {
    const isEnough = objects.crowd?.[index] ? share > 0 : share >= leastVisible;
    return isEnough ? [index] : [];
  });
  const { areas } = objects;
  // Which share of a mask can be seen is not known; that of its box is near.
  const visible = areas && { areas: areas.map((area, index) => area * shares[index]!) };
  return selectObjects({ ...objects, boxes: clipped, ...visible }, kept);
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

function areaOf(boxes: Float64Array, index: number): number {
  const at = 4 * index;
  return (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
}
