import { ResnetError } from '@resnet/core';
import type { Image, Normalization } from '@resnet/data';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectorStages, FirstStage } from '../networks/faster-rcnn.js';
import type { ProposalSettings } from '../proposals/propose.js';
import { proposeAll } from '../proposals/propose-all.js';
import { detectorInput, scaledSize } from './image-input.js';
import { judgeInViews, judgeRegions, type ScaledView } from './judge-regions.js';
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
  /**
   * The paper's multi-scale testing (Appendix A): shorter sides of the images at which regions are judged, each region at two that are
   * adjacent. Empty for the size at which regions are proposed.
   */
  scales: readonly number[];
}

/** torchvision's (`faster_rcnn.py`). */
const ofPyramids: DetectionSettings = {
  proposals: { before: 1000, after: 1000, overlap: 0.7, smallest: 1e-3 },
  results: { score: 0.05, overlap: 0.5, voting: null, count: 100, smallest: 1e-2 },
  isRefined: false,
  scales: [],
};

/** The authors' of Faster R-CNN, with the paper's 300 proposals and overlap of 0.3 (Section 4.3 and Appendix A). */
const ofStages: DetectionSettings = {
  proposals: { before: 6000, after: 300, overlap: 0.7, smallest: 16 },
  results: { score: 0.05, overlap: 0.3, voting: null, count: 100, smallest: 1e-2 },
  isRefined: false,
  scales: [],
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

/** The paper's shorter sides for multi-scale testing (Appendix A). */
export const PAPER_SCALES: readonly number[] = [200, 400, 600, 800, 1000];

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
 * @throws OPTION_INVALID if they don't, or the scales are no ascending sizes
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
  checkScales(settings.scales);
  const input = detectorInput(images, sizes, normalization);
  const stages: FirstStage[] = [];
  const views: ScaledView[][] = [];
  try {
    const proposed: Float32Array[][] = [];
    for (const each of detectors) {
      const stage = each.first(input.images);
      stages.push(stage);
      proposed.push(await proposeAll(each, input, stage, settings.proposals));
      views.push(settings.scales.map((side) => scaledView(each, images, { side, sizes, normalization })));
    }
    const judge = async (regions: readonly Float32Array[]) => {
      const all: RegionOutputs[][] = [];
      for (const [index, each] of detectors.entries()) {
        const { maps } = stages[index]!;
        all.push(
          settings.scales.length > 0
            ? await judgeInViews(each, views[index]!, regions)
            : await judgeRegions(each, { input, maps }, regions),
        );
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
    for (const { input: scaled, maps } of views.flat()) tf.dispose([scaled.images, [...maps]]);
  }
}

function checkScales(scales: readonly number[]): void {
  const isAscending = scales.every((side, index) => index === 0 || side > scales[index - 1]!);
  if (isAscending && scales.every((side) => Number.isInteger(side) && side >= 32 && side <= 4096)) return;
  throw new ResnetError(
    'OPTION_INVALID',
    `The scales of multi-scale testing must be shorter sides of 32 to 4096 pixels, ascending, as ${PAPER_SCALES.join(', ')}; found ${scales.join(', ')}.`,
  );
}

/** The images with this shorter side, and the maps that a detector has of them. */
function scaledView(
  detector: DetectorStages,
  images: readonly Image[],
  about: { side: number; sizes: readonly (readonly [number, number])[]; normalization: Normalization },
): ScaledView {
  const { side: shorterSide, sizes, normalization } = about;
  const { shorterSide: usual, longestSide } = detector.settings;
  const limits = { shorterSide, longestSide: (longestSide * shorterSide) / usual };
  const scaled = images.map(({ height, width }) => scaledSize(height, width, limits));
  const input = detectorInput(images, scaled, normalization);
  const { maps, logits, deltas } = detector.first(input.images);
  tf.dispose([logits, deltas]);
  const scales = scaled.map(([height, width], image) => {
    const [fromHeight, fromWidth] = sizes[image]!;
    return [height / fromHeight, width / fromWidth] as const;
  });
  return { input, maps, scales };
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

function joined(lists: readonly Float32Array[]): Float32Array {
  return lists.length === 1 ? lists[0]! : Float32Array.from(lists.flatMap((boxes) => [...boxes]));
}
