import type { Image, Normalization } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectorStages, FirstStage } from '../networks/faster-rcnn.js';
import { levelAnchors } from '../networks/level-anchors.js';
import { regionFeatures } from '../networks/region-features.js';
import { outputsOf } from '../proposals/host-maps.js';
import { type ProposalSettings, propose } from '../proposals/propose.js';
import { type DetectorInput, detectorInput, scaledSize } from './image-input.js';
import { type Detections, inImage, objectsIn, type ResultSettings } from './results.js';

/** How objects are found, apart from the network: plain data. */
export interface DetectionSettings {
  proposals: ProposalSettings;
  results: ResultSettings;
}

/** torchvision's (`faster_rcnn.py`). */
const ofPyramids: DetectionSettings = {
  proposals: { before: 1000, after: 1000, overlap: 0.7, smallest: 1e-3 },
  results: { score: 0.05, overlap: 0.5, count: 100, smallest: 1e-2 },
};

/** The authors' of Faster R-CNN, with the paper's 300 proposals and overlap of 0.3 (Section 4.3 and Appendix A). */
const ofStages: DetectionSettings = {
  proposals: { before: 6000, after: 300, overlap: 0.7, smallest: 16 },
  results: { score: 0.05, overlap: 0.3, count: 100, smallest: 1e-2 },
};

export function detectionSettings(style: 'fpn' | 'c4'): DetectionSettings {
  return style === 'fpn' ? ofPyramids : ofStages;
}

export interface DetectOptions {
  normalization: Normalization;
  /** Default: `detectionSettings` of the detector's style. */
  settings?: DetectionSettings;
}

/**
 * Finds the objects in an image.
 *
 * @param detector of `prepareDetector`, or one in inference mode
 * @param image of any size, 0 to 255
 */
export async function detect(
  detector: DetectorStages,
  image: Image,
  options: DetectOptions,
): Promise<Detections> {
  const [found] = await detectBatch(detector, [image], options);
  return found!;
}

/**
 * Finds the objects in images, all of them in one batch. What is found in an image depends a little on the others: they are padded to
 * one size.
 */
export async function detectBatch(
  detector: DetectorStages,
  images: readonly Image[],
  { normalization, settings = detectionSettings(detector.settings.style) }: DetectOptions,
): Promise<Detections[]> {
  const sizes = images.map(({ height, width }) => scaledSize(height, width, detector.settings));
  const input = detectorInput(images, sizes, normalization);
  let stage: FirstStage | undefined;
  try {
    stage = detector.first(input.images);
    const proposals = await proposeAll(detector, input, stage, settings.proposals);
    const outputs = await readRegions(detector, input, stage, proposals);
    return outputs.map((regions, index) => {
      const { height, width } = images[index]!;
      return inImage(objectsIn(regions, sizes[index]!, settings.results), sizes[index]!, [height, width]);
    });
  } finally {
    tf.dispose(input.images);
    if (stage) tf.dispose([stage.maps, stage.logits, stage.deltas]);
  }
}

/** The proposed boxes of each image. */
async function proposeAll(
  { anchors: cells }: DetectorStages,
  { images, sizes }: DetectorInput,
  stage: FirstStage,
  settings: ProposalSettings,
): Promise<Float32Array[]> {
  const [logits, deltas] = await Promise.all(
    [stage.logits, stage.deltas].map((values) => Promise.all(values.map((each) => each.data<'float32'>()))),
  );
  const [count, height, width] = images.shape;
  const anchors = levelAnchors(cells, stage.maps, [height, width]);
  return sizes.map(
    (size, image) => propose(outputsOf(image, count, logits!, deltas!), anchors, size, settings).boxes,
  );
}

async function readRegions(
  detector: DetectorStages,
  { images, sizes }: DetectorInput,
  { maps }: FirstStage,
  proposals: readonly Float32Array[],
) {
  const { features, order } = regionFeatures(detector, maps, { list: proposals, sizes }, images.shape);
  const { logits, deltas } = detector.predict(features);
  const probabilities = tf.softmax(logits);
  try {
    const [read, readDeltas] = await Promise.all([probabilities.data<'float32'>(), deltas.data<'float32'>()]);
    const classes = logits.shape[1];
    const sorted = rowsBack(read!, classes, order);
    const sortedDeltas = rowsBack(readDeltas!, 4 * classes, order);
    let from = 0;
    return proposals.map((regions) => {
      const end = from + regions.length / 4;
      const part = {
        regions,
        probabilities: sorted.subarray(from * classes, end * classes),
        deltas: sortedDeltas.subarray(4 * from * classes, 4 * end * classes),
      };
      from = end;
      return part;
    });
  } finally {
    tf.dispose([features, logits, deltas, probabilities]);
  }
}

/** Rows in the order of their regions. @param order the region of each row */
function rowsBack(values: Float32Array, size: number, order: Int32Array): Float32Array {
  const rows = new Float32Array(values.length);
  for (const [row, to] of order.entries()) {
    rows.set(values.subarray(row * size, (row + 1) * size), to * size);
  }
  return rows;
}
