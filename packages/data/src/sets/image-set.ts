import { ResnetError } from '@resnet/core';
import type { Image } from '../images/image.js';
import { noSuchIndex } from './dataset.js';

/** A whole labeled data set in memory: images of one size, side by side. */
export interface ImageSet {
  /** For messages: 'CIFAR-10 train'. */
  name: string;
  /** All pixels, NHWC, 0 to 255: `count * height * width * channels` bytes. */
  images: Uint8Array;
  /** The class of each image, an index into `classes`: `count` bytes. */
  labels: Uint8Array;
  count: number;
  height: number;
  width: number;
  channels: number;
  classes: readonly string[];
}

/**
 * The image at an index of the set, as a view of the set's memory: writing to it writes to the set.
 *
 * @throws OPTION_INVALID if the set has no such index
 */
export function imageAt(set: ImageSet, index: number): Image {
  if (!(index >= 0 && index < set.count && Number.isInteger(index))) {
    throw noSuchIndex(set.name, set.count, index);
  }
  const { height, width, channels } = set;
  const size = height * width * channels;
  return { pixels: set.images.subarray(index * size, (index + 1) * size), height, width, channels };
}

/**
 * A new set of the images at `indices`, in that order, as copies. An index may appear more than once.
 *
 * @throws OPTION_INVALID if the set has no such index
 */
export function selectImages(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const count = indices.length;
  const size = set.height * set.width * set.channels;
  const images = new Uint8Array(count * size);
  const labels = new Uint8Array(count);
  for (let position = 0; position < count; position++) {
    const index = indices[position]!;
    images.set(imageAt(set, index).pixels, position * size);
    labels[position] = set.labels[index]!;
  }
  return { ...set, images, labels, count };
}

/**
 * A new set whose images are centered in a black border, such as 28x28 digits in 32x32. Where the border
 * can't be equal on both sides, the bottom and the right have one pixel more.
 *
 * @param height of the padded images, in pixels
 * @param width of the padded images, in pixels
 * @throws OPTION_INVALID if the images don't fit
 */
export function padImages(set: ImageSet, height: number, width: number): ImageSet {
  if (!(Number.isInteger(height) && Number.isInteger(width) && height >= set.height && width >= set.width)) {
    throw new ResnetError(
      'OPTION_INVALID',
      `Images of ${set.height}x${set.width} can be padded to integers no smaller, found ${height}x${width}.`,
    );
  }
  const top = Math.floor((height - set.height) / 2);
  const left = Math.floor((width - set.width) / 2);
  const rowBytes = set.width * set.channels;
  const images = new Uint8Array(set.count * height * width * set.channels);
  for (let row = 0; row < set.count * set.height; row++) {
    const index = Math.floor(row / set.height);
    const paddedRow = index * height + top + (row % set.height);
    const pixels = set.images.subarray(row * rowBytes, (row + 1) * rowBytes);
    images.set(pixels, (paddedRow * width + left) * set.channels);
  }
  return { ...set, images, labels: set.labels.slice(), height, width };
}

/**
 * Checks that a set has at least one image, that the lengths of its arrays match its sizes, and that every label is one of
 * its classes.
 *
 * @throws DATA_INVALID at the first thing that is wrong
 */
export function validateImageSet(set: ImageSet): void {
  const { name, images, labels, classes } = set;
  const invalid = (problem: string) => new ResnetError('DATA_INVALID', `The data set '${name}' ${problem}`);
  for (const key of ['count', 'height', 'width', 'channels'] as const) {
    if (!Number.isInteger(set[key]) || set[key] < 1) {
      throw invalid(`must have a ${key} that is an integer of at least 1, found ${set[key]}.`);
    }
  }
  const bytes = set.count * set.height * set.width * set.channels;
  if (images.length !== bytes) {
    const sizes = `${set.count} x ${set.height} x ${set.width} x ${set.channels}`;
    throw invalid(`must hold ${sizes} = ${bytes} bytes of pixels, found ${images.length}.`);
  }
  if (labels.length !== set.count) {
    throw invalid(`must have one label for each of its ${set.count} images, found ${labels.length}.`);
  }
  const wrong = labels.findIndex((label) => label >= classes.length);
  if (wrong >= 0) {
    throw invalid(`has ${classes.length} classes, but the label of image ${wrong} is ${labels[wrong]}.`);
  }
}
