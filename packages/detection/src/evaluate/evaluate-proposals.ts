import { boxIou } from '@resnet/boxes';
import { type DetectionDataset, detectionLoader } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import { detectionSettings } from '../detect/detect.js';
import { detectorInput, scaledSize } from '../detect/image-input.js';
import type { DetectorStages } from '../networks/faster-rcnn.js';
import { proposeAll } from '../proposals/propose-all.js';
import { truthOf } from '../train/detection-batch.js';
import type { EvaluateOptions } from './evaluate-detector.js';
import { lossOf } from './loss-of.js';

export interface ProposalEvaluation {
  /** Images that were looked at. */
  count: number;
  /** The share of the objects that a proposal overlaps by 0.5 or more; −1 if there are no objects. */
  recall: number;
  /** Mean of the recalls at the overlaps 0.5, 0.55 … 0.95 (Hosang et al., "What makes for effective detection proposals?"). */
  averageRecall: number;
  /** Mean of the images. */
  loss?: number;
}

const OVERLAPS = Array.from({ length: 10 }, (_, index) => 0.5 + 0.05 * index);

/**
 * Tests a region proposal network alone: which objects it proposes a region for. Crowds and difficult objects are not counted.
 *
 * @throws DATA_INVALID, IMAGE_INVALID and FILE_UNREADABLE as reading the set does; ABORTED
 */
export async function evaluateProposals(
  detector: DetectorStages,
  set: DetectionDataset,
  options: Omit<EvaluateOptions, 'classNames'>,
): Promise<ProposalEvaluation> {
  const { losses, onBroken, onProgress, signal, normalization } = options;
  const { proposals } = options.settings ?? detectionSettings(detector.settings.style);
  const loader = detectionLoader(set, {
    batchSize: 1,
    ...(onBroken && { onBroken }),
    ...(signal && { signal }),
  });
  const found = OVERLAPS.map(() => 0);
  let [count, objects, sum] = [0, 0, 0];
  for await (const batch of loader.epoch(0)) {
    const sample = batch.images[0]!;
    const { height, width } = sample.image;
    const size = scaledSize(height, width, detector.settings);
    const input = detectorInput([sample.image], [size], normalization);
    const stage = detector.first(input.images);
    try {
      const [boxes] = await proposeAll(detector, input, stage, proposals);
      const truth = truthOf(sample).boxes.map(
        (value, index) => (value * size[1 - (index % 2)]!) / [width, height][index % 2]!,
      );
      const best = bestOverlaps(boxIou(truth, boxes!), truth.length / 4);
      objects += best.length;
      for (const [at, overlap] of OVERLAPS.entries()) {
        found[at]! += best.filter((value) => value >= overlap).length;
      }
    } finally {
      tf.dispose([input.images, stage.maps, stage.logits, stage.deltas]);
    }
    if (losses) sum += await lossOf(detector, sample, losses, normalization);
    onProgress?.({ done: ++count, count: set.count });
  }
  const recalls = found.map((value) => (objects === 0 ? -1 : value / objects));
  return {
    count,
    recall: recalls[0]!,
    averageRecall: recalls.reduce((total, value) => total + value, 0) / recalls.length,
    ...(losses && { loss: sum / count }),
  };
}

/** Of each object, the largest overlap with a box. @param overlaps [objects, boxes] */
function bestOverlaps(overlaps: Float32Array, objects: number): number[] {
  const boxes = overlaps.length / Math.max(1, objects);
  return Array.from({ length: objects }, (_, object) =>
    overlaps.subarray(object * boxes, (object + 1) * boxes).reduce((best, value) => Math.max(best, value), 0),
  );
}
