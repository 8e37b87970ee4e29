import {
  type CocoEvaluation,
  type DetectedImage,
  evaluateCoco,
  evaluateVoc,
  type VocEvaluation,
} from '@resnet/boxes';
import { ResnetError } from '@resnet/core';
import { type DetectionDataset, detectionLoader, matchClasses, type Normalization } from '@resnet/data';
import { type DetectionSettings, detect } from '../detect/detect.js';
import type { Detections } from '../detect/results.js';
import type { DetectorTraining } from '../losses/training-settings.js';
import type { DetectorStages } from '../networks/faster-rcnn.js';
import { rowsAt } from '../proposals/propose.js';
import { lossOf } from './loss-of.js';

export interface EvaluateOptions {
  normalization: Normalization;
  /** The detector's classes, among which those of the set are found by name. By default they are the set's, in its order. */
  classNames?: readonly string[] | undefined;
  /** Default: `detectionSettings` of the detector's style. */
  settings?: DetectionSettings;
  /** If given, the loss of these examples is computed too. */
  losses?: DetectorTraining;
  /** Called for each broken image, which is left out. Without it, the first one ends the evaluation. */
  onBroken?: (error: ResnetError, index: number) => void;
  onProgress?: (progress: { done: number; count: number }) => void;
  signal?: AbortSignal;
}

export interface DetectorEvaluation {
  /** Images that were looked at. */
  count: number;
  /** By the rule of VOC since 2010, at an overlap of 0.5. */
  voc: VocEvaluation;
  /** By VOC's rule of 2007: the mean precision at 11 recalls. */
  voc2007: VocEvaluation;
  coco: CocoEvaluation;
  /** Mean of the images. */
  loss?: number;
  /** What was found in each image, beside what is there. */
  images: EvaluatedImage[];
}

export interface EvaluatedImage extends DetectedImage {
  /** In the set. */
  index: number;
}

/**
 * Finds the objects in each image of a set, one image at a time, and compares them with the truth.
 *
 * @param detector several are an ensemble, as of `detectBatch`; the loss is that of the first
 * @throws SHAPE_MISMATCH before any image if the detector has another number of classes; DATA_INVALID if the set has classes that it
 *   lacks; DATA_INVALID, IMAGE_INVALID and FILE_UNREADABLE as reading the set does; ABORTED
 */
export async function evaluateDetector(
  detector: DetectorStages | readonly [DetectorStages, ...DetectorStages[]],
  set: DetectionDataset,
  { losses, onBroken, onProgress, signal, classNames, ...options }: EvaluateOptions,
): Promise<DetectorEvaluation> {
  const first = 'first' in detector ? detector : detector[0];
  const labelOf = labelsOfSet(first, set, classNames);
  const images: EvaluatedImage[] = [];
  let sum = 0;
  const loader = detectionLoader(set, {
    batchSize: 1,
    ...(onBroken && { onBroken }),
    ...(signal && { signal }),
  });
  for await (const batch of loader.epoch(0)) {
    const sample = batch.images[0]!;
    const detections = relabeled(await detect(detector, sample.image, options), labelOf);
    images.push({ index: sample.index, truth: sample.objects, detections, name: sample.name });
    if (losses) sum += await lossOf(first, sample, losses, options.normalization);
    onProgress?.({ done: images.length, count: set.count });
  }
  const { classes } = set;
  return {
    count: images.length,
    voc: evaluateVoc(images, { classes, kind: '2010' }),
    voc2007: evaluateVoc(images, { classes, kind: '2007' }),
    coco: evaluateCoco(images, { classes }),
    ...(losses && { loss: sum / images.length }),
    images,
  };
}

/** For each class of the detector, the set's label; −1 for those that the set does not have. */
function labelsOfSet(
  { settings: { classes } }: DetectorStages,
  set: DetectionDataset,
  classNames: readonly string[] = set.classes,
): Int32Array {
  if (classNames.length !== classes) {
    throw new ResnetError(
      'SHAPE_MISMATCH',
      `The detector knows ${classes} classes, found ${classNames.length} names for them. Give the names of the detector's classes.`,
    );
  }
  const { indices } = matchClasses(`'${set.name}'`, set.classes, { of: 'the detector', names: classNames });
  const labels = new Int32Array(classes).fill(-1);
  for (const [label, index] of indices.entries()) labels[index] = label;
  return labels;
}

function relabeled({ boxes, labels, scores }: Detections, labelOf: Int32Array): Detections {
  const kept = [...labels.keys()].filter((index) => labelOf[labels[index]!]! >= 0);
  return {
    boxes: rowsAt(boxes, kept),
    labels: Int32Array.from(kept, (index) => labelOf[labels[index]!]!),
    scores: Float32Array.from(kept, (index) => scores[index]!),
  };
}
