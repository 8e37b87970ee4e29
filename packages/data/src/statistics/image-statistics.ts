import { type ImageSet, validateImageSet } from '../sets/image-set.js';

/**
 * The mean image of a set: what the paper subtracts from every input (Section 4.2, "with the per-pixel mean
 * subtracted"). Take it over the training set.
 *
 * @returns `height * width * channels` numbers (HWC), in 0..1 (pixel / 255)
 * @throws DATA_INVALID if the set is empty or inconsistent
 */
export function perPixelMean(set: ImageSet): Float32Array {
  validateImageSet(set);
  const size = set.height * set.width * set.channels;
  const sums = new Float64Array(size);
  for (let start = 0; start < set.images.length; start += size) {
    for (let position = 0; position < size; position++) sums[position]! += set.images[start + position]!;
  }
  return Float32Array.from(sums, (sum) => sum / (255 * set.count));
}

/**
 * Mean and standard deviation of each channel over all pixels of all images.
 *
 * @returns one number per channel, in 0..1 (pixel / 255); the deviation is the population's
 * @throws DATA_INVALID if the set is empty or inconsistent
 */
export function channelStatistics(set: ImageSet): { mean: number[]; std: number[] } {
  validateImageSet(set);
  const { images, channels } = set;
  const pixels = images.length / channels;
  const mean: number[] = [];
  const std: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    // Sums of bytes and of their squares are integers, so nothing is rounded before the last step.
    let sum = 0;
    let squares = 0;
    for (let position = channel; position < images.length; position += channels) {
      const value = images[position]!;
      sum += value;
      squares += value * value;
    }
    const channelMean = sum / pixels;
    mean.push(channelMean / 255);
    std.push(Math.sqrt(Math.max(0, squares / pixels - channelMean ** 2)) / 255);
  }
  return { mean, std };
}
