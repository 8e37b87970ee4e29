import { checkInteger, ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';

/** Images of different sizes as one array. */
export interface PaddedImages {
  /** NHWC, 0 to 255, with zeros at the right and the bottom of smaller images: `count * height * width * channels` bytes. */
  images: Uint8Array;
  count: number;
  height: number;
  width: number;
  channels: number;
  /** The size of each image before padding. */
  sizes: readonly (readonly [height: number, width: number])[];
}

/**
 * Pads images with zeros at the right and the bottom to one size: that of the highest and of the widest, each rounded up to a multiple.
 * torchvision pads after it normalizes: to compute the same, normalize, then set what lies outside of `sizes` to zero again.
 *
 * @param images at least one
 * @param multiple of pixels, at least 1; 32 in torchvision
 * @throws OPTION_INVALID if there is no image, or the multiple is no integer of at least 1; SHAPE_MISMATCH if their numbers of
 *   channels differ
 */
export function padToBatch(images: readonly Image[], multiple: number): PaddedImages {
  checkInteger('multiple', multiple, 1);
  checkInteger('The number of images', images.length, 1);
  const roundedUp = (side: number) => Math.ceil(side / multiple) * multiple;
  const height = roundedUp(Math.max(...images.map((image) => image.height)));
  const width = roundedUp(Math.max(...images.map((image) => image.width)));
  const { channels } = images[0]!;
  const padded = new Uint8Array(images.length * height * width * channels);
  for (const [number, image] of images.entries()) {
    if (image.channels !== channels) {
      throw new ResnetError(
        'SHAPE_MISMATCH',
        `All images of a batch must have the channels of the first one, ${channels}, number ${number} has ${image.channels}.`,
      );
    }
    const rowBytes = image.width * channels;
    for (let row = 0; row < image.height; row++) {
      const pixels = image.pixels.subarray(row * rowBytes, (row + 1) * rowBytes);
      padded.set(pixels, (number * height + row) * width * channels);
    }
  }
  const sizes = images.map((image) => [image.height, image.width] as const);
  return { images: padded, count: images.length, height, width, channels, sizes };
}
