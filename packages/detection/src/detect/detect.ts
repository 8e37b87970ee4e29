import { ResnetError } from '@resnet/core';
import type { Image, Normalization } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectorStages, FirstStage } from '../networks/faster-rcnn.js';
import { levelAnchors } from '../networks/level-anchors.js';
import { outputsOf } from '../proposals/level-outputs.js';
import { type ProposalSettings, propose } from '../proposals/propose.js';
import { type DetectorInput, detectorInput, scaledSize } from './image-input.js';
import { judgeRegions } from './judge-regions.js';
import { joinOutputs, meanOutputs, refinedRegions } from './region-outputs.js';
import { type Detections, inImage, objectsIn, type RegionOutputs, type ResultSettings } from './results.js';

/** How objects are found, apart from the network: plain data. */
export interface DetectionSettings {
  proposals: ProposalSettings;
  results: ResultSettings;
  /**
   * The paper's box refinement (Appendix A): each region is judged a second time, where its box has moved to, and what is found there is
   * added to what was found at first.
   */
  isRefined: boolean;
}

/** torchvision's (`faster_rcnn.py`). */
const ofPyramids: DetectionSettings = {
  proposals: { before: 1000, after: 1000, overlap: 0.7, smallest: 1e-3 },
  results: { score: 0.05, overlap: 0.5, voting: null, count: 100, smallest: 1e-2 },
  isRefined: false,
};

/** The authors' of Faster R-CNN, with the paper's 300 proposals and overlap of 0.3 (Section 4.3 and Appendix A). */
const ofStages: DetectionSettings = {
  proposals: { before: 6000, after: 300, overlap: 0.7, smallest: 16 },
  results: { score: 0.05, overlap: 0.3, voting: null, count: 100, smallest: 1e-2 },
  isRefined: false,
};

/** How detectors of a style find objects, unless told otherwise. */
export function detectionSettings(style: 'fpn' | 'c4'): DetectionSettings {
  return style === 'fpn' ? ofPyramids : ofStages;
}

/**
 * The same with the paper's box refinement: boxes are judged twice, and those that are kept are the mean of the boxes of their class that
 * overlap them by 0.5 or more, weighted by their scores (Appendix A; Gidaris and Komodakis, "Object detection via a multi-region CNN").
 */
export function withRefinement(settings: DetectionSettings): DetectionSettings {
  return { ...settings, results: { ...settings.results, overlap: 0.3, voting: 0.5 }, isRefined: true };
}

export interface DetectOptions {
  normalization: Normalization;
  /** Default: `detectionSettings` of the detector's style. */
  settings?: DetectionSettings;
}

/**
 * Finds the objects in an image.
 *
 * @param detector of `prepareDetector`, or one in inference mode; several are an ensemble, as of `detectBatch`
 * @param image of any size, 0 to 255
 */
export async function detect(
  detector: DetectorStages | readonly DetectorStages[],
  image: Image,
  options: DetectOptions,
): Promise<Detections> {
  const [found] = await detectBatch(detector, [image], options);
  return found!;
}

/**
 * Finds the objects in images, all of them in one batch. What is found in an image depends a little on the others: they are padded to
 * one size.
 *
 * @param detector several are an ensemble (Appendix A): each judges the regions that all propose, and the mean of what they say counts.
 *   They must have the same classes, and see images at the same size
 * @throws OPTION_INVALID if they don't
 */
export async function detectBatch(
  detector: DetectorStages | readonly DetectorStages[],
  images: readonly Image[],
  options: DetectOptions,
): Promise<Detections[]> {
  const detectors = 'first' in detector ? [detector] : detector;
  const { settings: first } = checkEnsemble(detectors);
  const { normalization, settings = detectionSettings(first.style) } = options;
  const sizes = images.map(({ height, width }) => scaledSize(height, width, first));
  const input = detectorInput(images, sizes, normalization);
  const stages: FirstStage[] = [];
  try {
    const proposed: Float32Array[][] = [];
    for (const each of detectors) {
      const stage = each.first(input.images);
      stages.push(stage);
      proposed.push(await proposeAll(each, input, stage, settings.proposals));
    }
    const judge = async (regions: readonly Float32Array[]) => {
      const all: RegionOutputs[][] = [];
      for (const [index, each] of detectors.entries()) {
        all.push(await judgeRegions(each, input, stages[index]!, regions));
      }
      return sizes.map((_, image) => meanOutputs(all.map((outputs) => outputs[image]!)));
    };
    let outputs = await judge(sizes.map((_, image) => joined(proposed.map((boxes) => boxes[image]!))));
    if (settings.isRefined) {
      const again = await judge(outputs.map((each, image) => refinedRegions(each, sizes[image]!)));
      outputs = outputs.map((each, image) => joinOutputs(each, again[image]!));
    }
    return outputs.map((each, index) => {
      const { height, width } = images[index]!;
      return inImage(objectsIn(each, sizes[index]!, settings.results), sizes[index]!, [height, width]);
    });
  } finally {
    tf.dispose(input.images);
    for (const { maps, logits, deltas } of stages) tf.dispose([maps, logits, deltas]);
  }
}

function checkEnsemble(detectors: readonly DetectorStages[]): DetectorStages {
  const [first, ...others] = detectors;
  if (!first) throw new ResnetError('OPTION_INVALID', 'An ensemble must have at least one detector.');
  for (const { settings } of others) {
    for (const key of ['classes', 'shorterSide', 'longestSide'] as const) {
      if (settings[key] === first.settings[key]) continue;
      throw new ResnetError(
        'OPTION_INVALID',
        `The detectors of an ensemble must have the same ${key}, found ${first.settings[key]} and ${settings[key]}.`,
      );
    }
  }
  return first;
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

function joined(lists: readonly Float32Array[]): Float32Array {
  return lists.length === 1 ? lists[0]! : Float32Array.from(lists.flatMap((boxes) => [...boxes]));
}
