import { ResnetError, throwIfAborted } from '@resnet/core';
import type { Image } from '../images/image.js';
import type { Admit } from '../loading/read-ahead.js';
import { eachSample } from '../loading/samples.js';
import type { Dataset, Sample } from '../sets/dataset.js';

/** How many images are decoded at a time. */
const AHEAD = 32;

/** The statistics of a data set, from all of its decoded images. */
export interface DatasetStatistics {
  /** Images, broken ones among them. */
  count: number;
  /** Images of each class, in the order of the classes, broken ones among them. */
  classCounts: number[];
  /** Of the images that are not broken; undefined if all are. */
  height: Spread | undefined;
  width: Spread | undefined;
  /** Of each channel, over all pixels of all images, in 0..1 (pixel / 255); large images count more. */
  mean: number[];
  /** The population's standard deviation of the same. */
  std: number[];
  broken: { index: number; error: ResnetError }[];
}

/** In pixels. Of an even number of values, the median is the lower one of the middle two. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

/**
 * Decodes all images of a data set and returns their statistics.
 *
 * @param options.onProgress called after each image with the number of images read
 * @throws SHAPE_MISMATCH if images differ in their number of channels; ABORTED after the signal; what reading an image
 *   throws, except IMAGE_INVALID and FILE_UNREADABLE, which mark an image as broken
 */
export async function datasetStatistics(
  set: Dataset,
  options: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<DatasetStatistics> {
  const { count, classes } = set;
  const { signal, onProgress } = options;
  const classCounts = classes.map(() => 0);
  const broken: DatasetStatistics['broken'] = [];
  const heights: number[] = [];
  const widths: number[] = [];
  const histograms: Float64Array[] = [];

  const read = async (sample: Sample, admit: Admit): Promise<Image | undefined> => {
    classCounts[sample.label]!++;
    try {
      return await sample.read(admit);
    } catch (error) {
      if (!ResnetError.is(error) || (error.code !== 'IMAGE_INVALID' && error.code !== 'FILE_UNREADABLE'))
        throw error;
      broken.push({ index: sample.index, error });
      return undefined;
    }
  };
  let done = 0;
  for await (const image of eachSample(set, read, { ahead: AHEAD, signal })) {
    throwIfAborted(signal, 'Reading images');
    if (image) {
      heights.push(image.height);
      widths.push(image.width);
      addTo(histograms, image, set.name);
    }
    onProgress?.(++done, count);
  }
  throwIfAborted(signal, 'Reading images');
  broken.sort((a, b) => a.index - b.index);
  const channels = histograms.map(momentsOf);
  return {
    count,
    classCounts,
    height: spreadOf(heights),
    width: spreadOf(widths),
    mean: channels.map(({ mean }) => mean),
    std: channels.map(({ std }) => std),
    broken,
  };
}

/** Counts are integers, so nothing is rounded before the last step, however many pixels there are. */
function addTo(histograms: Float64Array[], { pixels, channels }: Image, name: string): void {
  if (histograms.length === 0) {
    for (let channel = 0; channel < channels; channel++) histograms.push(new Float64Array(256));
  }
  if (histograms.length !== channels) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `All images of '${name}' must have as many channels, found ${histograms.length} and ${channels}. Convert them.`,
    );
  }
  for (let channel = 0; channel < channels; channel++) {
    const histogram = histograms[channel]!;
    for (let position = channel; position < pixels.length; position += channels)
      histogram[pixels[position]!]!++;
  }
}

function momentsOf(histogram: Float64Array): { mean: number; std: number } {
  const count = histogram.reduce((sum, times) => sum + times, 0);
  const mean = histogram.reduce((sum, times, value) => sum + times * value, 0) / count;
  const variance = histogram.reduce((sum, times, value) => sum + times * (value - mean) ** 2, 0) / count;
  return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
}

export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  return { min: sorted[0]!, median: sorted[(sorted.length - 1) >> 1]!, max: sorted.at(-1)! };
}
