import { defined } from '@resnet/core';
import type { Normalization } from '@resnet/data';
import { type ActivationRanges, type CalibrationMethod, type Model, quantize, toTensor } from '@resnet/zoo';
import { calibrationImages } from '../shared/data-sets/calibration-images.js';
import type { Images } from '../shared/data-sets/data-sets.js';
import { withImageBar } from '../shared/progress/image-bar.js';
import type { Io, Output } from '../shared/terminal/io.js';

/** Ranges of activations, and how they were found. */
export interface CalibratedRanges {
  ranges: ActivationRanges;
  method: CalibrationMethod;
  /** How many training images they were found with. */
  images: number;
}

/** The ranges that `resnet quantize` finds for a trained network, with which fake quantization trains it further. */
export async function calibratedRanges(
  model: Pick<Model, 'network' | 'preprocessing'>,
  train: Images,
  normalization: Normalization,
  stream: Output,
  io: Io,
): Promise<CalibratedRanges> {
  const batch = await calibrationImages(train, model, io);
  const calibration = toTensor(batch, normalization);
  // The images are computed twice: for the ends of the ranges, then for what lies between.
  const { network, method } = await withImageBar(stream, 2 * batch.count, io, (onProgress) =>
    quantize(model.network, {
      ...{ calibration, ...defined({ signal: io.signal }) },
      onProgress: ({ count, total }) => onProgress(count, total),
    }),
  ).finally(() => calibration.dispose());
  const { ranges } = network.weights;
  network.dispose();
  return { ranges, method, images: batch.count };
}
