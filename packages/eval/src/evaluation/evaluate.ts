import { ResnetError } from '@resnet/core';
import { type Dataset, type ImageSet, type Normalization, sliceImages } from '@resnet/data';
import type { Classifier } from '@resnet/zoo';
import { Tally } from '../metrics/tally.js';
import { checkFits } from './check-fits.js';
import { type Ensemble, scoreSetByEnsemble } from './ensemble.js';
import type { Evaluation } from './evaluation.js';
import { mergeEvaluations } from './merge.js';
import { type ScoreOptions, scoreSet } from './score-images.js';
import { shardRange } from './shard.js';

export interface EvaluateEnsembleOptions {
  /** Images at a time, default 128; other views than single ones see one at a time. The result does not depend on it. */
  batchSize?: number;
  /** Threads that read images and bring them to one size. Default 0. */
  workers?: number;
  /** [index, parts]: only this part of the set. `mergeEvaluations` adds the parts up. */
  shard?: readonly [number, number];
  /** The result of an evaluation of the same shard that was stopped; it continues after that. */
  soFar?: Evaluation;
  /** The network's number of each class of the set, where they differ. */
  classMap?: readonly number[];
  /** Leaves out the scores of classes that the set does not have, as is usual for ImageNet-A, -R and ObjectNet. */
  onlyClassesOfSet?: boolean;
  /**
   * Labels of each image of the set besides its own, which count in `realLabels`: ImageNet's reassessed labels, of which an
   * image may have several or none. In the network's numbers.
   */
  realLabels?: readonly (readonly number[])[];
  /**
   * Called once for each broken image, with its index in the set; it is left out, and listed in `broken`. By default the first
   * one ends the evaluation with its error.
   */
  onBroken?: (error: ResnetError, index: number) => void;
  signal?: AbortSignal;
  /** Called as images are evaluated, and waited for. */
  onProgress?: (progress: EvaluationProgress) => unknown;
}

export interface EvaluateOptions extends EvaluateEnsembleOptions, Omit<ScoreOptions, 'onlyClasses'> {
  normalization: Normalization;
}

export interface EvaluationProgress {
  /** Images done, of `total`, with those of `soFar`. Of an ensemble whose members come in turn, the share that is done. */
  count: number;
  total: number;
  top1Errors: number;
  /** What is known by now; `soFar` of a later call. */
  evaluation(): Evaluation;
}

/**
 * Tests a network, or an ensemble, on a set. By default on the single view of each image, as the paper does on CIFAR-10
 * (Section 4.2); `tenCropView` and `multiScaleView` are its tests on ImageNet. A network runs in inference mode and comes
 * back in the mode that it was in; `prepare` makes it faster.
 *
 * @throws SHAPE_MISMATCH if the set has classes that the network lacks, other channels, or images of several sizes;
 *   OPTION_INVALID; IMAGE_INVALID if all images are broken; ENGINE_FAILED if a view needs more than the network can do; ABORTED; what reading the set throws
 */
export async function evaluate(
  network: Classifier,
  set: ImageSet | Dataset,
  options: EvaluateOptions,
): Promise<Evaluation>;
export async function evaluate(
  network: Ensemble,
  set: ImageSet | Dataset,
  options?: EvaluateEnsembleOptions,
): Promise<Evaluation>;
export async function evaluate(
  network: Classifier | Ensemble,
  set: ImageSet | Dataset,
  options: EvaluateEnsembleOptions & Partial<EvaluateOptions> = {},
): Promise<Evaluation> {
  const { batchSize = 128, workers = 0, shard = [0, 1], soFar, onBroken, signal, onProgress } = options;
  const { classMap, onlyClassesOfSet = false, realLabels } = options;
  const [first, end] = shardRange(set.count, shard);
  const start = soFar ? endOf(soFar, first, end) : first;
  if (soFar && start === end) return soFar;
  if (realLabels && realLabels.length !== set.count) {
    throw new ResnetError(
      'OPTION_INVALID',
      `realLabels must have a list for each of the ${set.count} images of ${set.name}, found ${realLabels.length}.`,
    );
  }
  const onlyClasses = onlyClassesOfSet ? (classMap ?? [...set.classes.keys()]) : undefined;
  const labelOf =
    onlyClassesOfSet || !classMap ? (label: number) => label : (label: number) => classMap[label]!;
  const realLabelsOf = (index: number) =>
    realLabels && onlyClasses
      ? realLabels[index]!.map((label) => onlyClasses.indexOf(label)).filter((label) => label >= 0)
      : realLabels?.[index];

  const part = sliceImages(set, start, end);
  const broken = new Map<number, ResnetError>();
  const reportBroken = (error: ResnetError, index: number) => {
    if (broken.has(start + index)) return;
    broken.set(start + index, error);
    onBroken!(error, start + index);
  };
  const load = { batchSize, workers, signal, onBroken: onBroken && reportBroken };
  const check = (classifier: Classifier) => checkFits(classifier, set, undefined, classMap);
  let shareDone = 0;
  let tally: Tally | undefined;
  const started = performance.now();
  const evaluation = () => {
    const found = (tally ?? new Tally(0, start)).result((performance.now() - started) / 1000);
    return soFar ? mergeEvaluations(found.ranges.length > 0 ? [soFar, found] : [soFar]) : found;
  };
  const report = async () => {
    const count = start - first + Math.floor(shareDone);
    const top1Errors = (soFar?.top1Errors ?? 0) + (tally?.top1Errors ?? 0);
    await onProgress?.({ count, total: end - first, top1Errors, evaluation });
  };
  let scored: ReturnType<typeof scoreSet>;
  if ('members' in network) {
    const onImages = async (count: number) => {
      shareDone += count / network.members.length;
      await report();
    };
    scored = scoreSetByEnsemble(network, part, onlyClasses, check, { ...load, onImages });
  } else {
    check(network);
    scored = scoreSet(network, part, { ...(options as EvaluateOptions), onlyClasses }, load);
  }
  for await (const { images, labels, indices } of scored) {
    for (const [at, image] of images.entries()) {
      const index = start + indices[at]!;
      tally ??= new Tally(image.scores.length, start);
      while (tally.next < index) tally.leaveOut();
      tally.add(image, labelOf(labels[at]!), realLabelsOf(index));
    }
    if (!('members' in network) && tally) shareDone = tally.next - start;
    await report();
  }
  if (!tally && !soFar) throw allBroken(set.name, [...broken.values()]);
  tally ??= new Tally(soFar!.classes, start);
  while (tally.next < end) tally.leaveOut();
  return evaluation();
}

function allBroken(name: string, errors: readonly ResnetError[]): ResnetError {
  return new ResnetError(
    'IMAGE_INVALID',
    `At least one image of '${name}' must be whole, found ${errors.length} broken ones. The first: ${errors[0]?.message}`,
    { cause: errors[0] },
  );
}

/** The index at which an evaluation from `first` continues. */
function endOf({ ranges }: Evaluation, first: number, end: number): number {
  const [range] = ranges;
  if (ranges.length === 1 && range![0] === first && range![1] <= end) return range![1];
  const found = ranges.map(([from, to]) => `${from} to ${to}`).join(', ') || 'none';
  throw new ResnetError(
    'OPTION_INVALID',
    `An evaluation of the images ${first} to ${end} can't go on behind one of the images ${found}.`,
  );
}
