import { Random } from '@resnet/core';
import { type DetectionSample, type Normalization, resizeObjects } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import { detectionLosses, drawSampleLater } from '../losses/detection-losses.js';
import type { DetectorTraining } from '../losses/training-settings.js';
import type { DetectorStages } from '../networks/faster-rcnn.js';
import { DetectionBatchInput } from '../train/detection-batch.js';

/** The loss of one image, for examples that depend on its index alone. */
export async function lossOf(
  detector: DetectorStages,
  sample: DetectionSample,
  losses: DetectorTraining,
  normalization: Normalization,
): Promise<number> {
  const { shorterSide: shorter, longestSide: longest } = detector.settings;
  const random = new Random(0, sample.index);
  const scaled = resizeObjects({ shorter, longest })(sample, random);
  for (const part of new DetectionBatchInput([{ ...sample, ...scaled }], normalization, 1).parts()) {
    const examples = await drawSampleLater(detector, part, losses, () => random);
    const loss = tf.tidy(() => detectionLosses(detector, part, losses, examples).loss);
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  }
  return Number.NaN;
}
