/** What an evaluation counts. Plain data: as JSON it is a file, and parts add up exactly. */
export interface Evaluation {
  /** The indices [first, end) of the images that it covers, in order, none adjacent to the next. */
  ranges: [first: number, end: number][];
  /** The indices in these ranges of broken images, which were left out, in order; absent without any. */
  broken?: number[];
  /** Images evaluated. */
  count: number;
  /** Classes that have scores. */
  classes: number;
  /** Images whose label does not have the highest score. */
  top1Errors: number;
  /** Images whose label is not among the five highest scores. */
  top5Errors: number;
  /** top1Errors / count. */
  top1Error: number;
  /** Mean negative log-likelihood of the labels: the cross-entropy. */
  loss: number;
  /** Sum of it, a multiple of 2^-30, so that sums of parts are exact. */
  lossSum: number;
  /** Images by how many classes scored higher than their label. */
  ranks: number[];
  /** Images by label and predicted class, in this order; only pairs that occur. */
  confusions: Confusion[];
  /** Images by the probability of the predicted class, in `CALIBRATION_BINS` bins of equal width. */
  calibration: CalibrationBin[];
  /** Those of the lowest probability of their label, the worst first; at most `MOST_MISTAKES`. */
  mistakes: Mistake[];
  /** By several labels an image, where they were given. */
  realLabels?: RealLabelCounts;
  /** Of computing, loading included. */
  seconds: number;
}

export type Confusion = [label: number, predicted: number, count: number];

export interface CalibrationBin {
  count: number;
  /** Images whose predicted class is their label. */
  right: number;
  /** Sum of the predicted classes' probabilities, a multiple of 2^-30. */
  probabilitySum: number;
}

export interface Mistake {
  /** In the set. */
  index: number;
  label: number;
  predicted: number;
  /** Of the predicted class. */
  probability: number;
  labelProbability: number;
}

/** By ImageNet's reassessed labels (Beyer et al., "Are we done with ImageNet?"). */
export interface RealLabelCounts {
  /** Images that have any label. */
  count: number;
  /** Of those, images whose predicted class is none of their labels. */
  top1Errors: number;
}

export const CALIBRATION_BINS = 15;
export const MOST_MISTAKES = 48;
