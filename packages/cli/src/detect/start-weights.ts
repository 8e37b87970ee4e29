import { formatCount } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import { type FasterRcnn, loadLayers, loadTrunk } from '@resnet/detection';
import type { Io } from '../shared/terminal/io.js';
import { openIfDetector } from '../shared/weights/open-if-detector.js';
import { openWeights } from '../shared/weights/open-weights.js';

/** What training starts from. */
export interface Start {
  /** In words, with counts. */
  description: string;
  /** That of the weights, if they tell it. */
  normalization: Normalization | undefined;
}

/**
 * Gives a detector the weights of a file: of a classification network, which its trunk takes, or of a detector of the same make.
 *
 * @throws as `openDetector` or `openWeights`, `loadLayers` and `loadTrunk` do
 */
export async function startFrom(
  detector: FasterRcnn,
  file: string,
  classes: readonly string[],
  io: Io,
): Promise<Start> {
  const found = await openIfDetector(file);
  if (found) {
    try {
      const { taken, left } = await loadLayers(detector, found, classes);
      const others = left === 0 ? '' : `; ${left} of the last layers random, since its classes are others`;
      return {
        description: `${formatCount(taken)} tensors of the detector ${file}${others}`,
        normalization: found.normalization,
      };
    } finally {
      found.detector.dispose();
    }
  }
  const { model } = await openWeights(file, {}, io);
  try {
    const taken = loadTrunk(detector, await model.network.stateDict());
    const normalization = model.normalization && ofChannels(model.normalization);
    const mean =
      normalization === model.normalization
        ? ''
        : '; of the mean image that it subtracts, the mean of each channel';
    return {
      description: `${formatCount(taken)} tensors of ${file}, the others random${mean}`,
      normalization,
    };
  } finally {
    model.network.dispose();
  }
}

/** With a mean for each channel, where there is one for each value of an image: images of detectors have other sizes. */
function ofChannels(normalization: Normalization): Normalization {
  const { mean, std } = normalization;
  const channels = std.length;
  if (mean.length === channels) return normalization;
  const sums = new Float64Array(channels);
  for (const [at, value] of mean.entries()) sums[at % channels]! += value;
  return { mean: Float32Array.from(sums, (sum) => (sum * channels) / mean.length), std };
}
