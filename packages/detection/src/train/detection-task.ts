import { Random, ResnetError } from '@resnet/core';
import {
  composeObjects,
  type DetectionDataset,
  type DetectionLoader,
  detectionLoader,
  flipObjects,
  type Normalization,
  resizeObjects,
} from '@resnet/data';
import {
  type FitTaskOptions,
  type PartLoss,
  reestimateWith,
  type Task,
  type TestResult,
} from '@resnet/train';
import * as tf from '@tensorflow/tfjs-core';
import { prepareDetector } from '../detect/prepared-detector.js';
import { type EvaluateOptions, evaluateDetector } from '../evaluate/evaluate-detector.js';
import { evaluateProposals } from '../evaluate/evaluate-proposals.js';
import { detectionLosses, drawSampleLater, drawSampleNow } from '../losses/detection-losses.js';
import type { DetectorStages, FasterRcnn } from '../networks/faster-rcnn.js';
import { DetectionBatchInput, type DetectionPart } from './detection-batch.js';
import type { DetectionRecipe } from './detection-recipe.js';

export interface DetectionFitOptions extends FitTaskOptions {
  recipe: DetectionRecipe;
  train: DetectionDataset;
  /** Held-out images, with the same classes. */
  test?: DetectionDataset;
  normalization: Normalization;
  /**
   * Proposes the regions that a detector learns from whose regions alone learn; the detector itself, if it is not given. It belongs to
   * the caller, and is in inference mode.
   */
  proposer?: DetectorStages;
  /** Called for each broken image, which is left out. Without it, the first one ends training. */
  onBroken?: (error: ResnetError, index: number, part: 'train' | 'test') => void;
}

/** Streams of random numbers: `Random` of the seed, the step, the image in its batch, and this. */
const SAMPLING = 7;

/** Finding objects. */
export class DetectionTask implements Task<DetectionPart> {
  readonly test?: NonNullable<Task['test']>;
  readonly reestimate?: NonNullable<Task['reestimate']>;
  readonly prepare?: NonNullable<Task<DetectionPart>['prepare']>;
  readonly #batches: DetectionLoader;

  /** @throws SHAPE_MISMATCH or DATA_INVALID if the sets' classes are not the detector's */
  constructor(
    readonly network: FasterRcnn,
    private readonly options: DetectionFitOptions,
  ) {
    const { train, test, recipe, proposer } = options;
    checkClasses(network, train, test);
    checkProposer(network, options);
    freeze(network, recipe);
    this.#batches = this.#loader({ flips: recipe.flips });
    if (test) this.test = (signal) => this.#test(test, signal);
    if (recipe.reestimateImages > 0 && recipe.batchNorm === 'trained') {
      this.reestimate = (signal) => this.#reestimate(signal);
    }
    if (!readsAtOnce() || proposer) {
      this.prepare = async (part, step) => {
        const random = this.#randomOf(part, step);
        part.sample = await drawSampleLater(proposer ?? network, part, recipe.examples, random);
      };
    }
  }

  get batchesPerEpoch(): number {
    return this.#batches.batchesPerEpoch;
  }

  async *epoch(epoch: number, first: number): AsyncGenerator<DetectionBatchInput> {
    const { normalization, recipe } = this.options;
    for await (const { images } of this.#batches.epoch(epoch, { first })) {
      yield new DetectionBatchInput(images, normalization, recipe.accumulation);
    }
  }

  loss(part: DetectionPart, step: number): PartLoss {
    const { network } = this;
    const { examples } = this.options.recipe;
    const sample = part.sample ?? drawSampleNow(network, part, examples, this.#randomOf(part, step));
    const { loss, parts, errors, answers } = detectionLosses(network, part, examples, sample);
    return { loss, losses: parts, errors, answers };
  }

  #randomOf({ first }: DetectionPart, step: number): (image: number) => Random {
    return (image) => new Random(this.options.recipe.seed, step, first + image, SAMPLING);
  }

  #loader({ flips, onBroken = this.options.onBroken }: LoaderChoices): DetectionLoader {
    const { train, recipe } = this.options;
    const { shorterSide: shorter, longestSide: longest } = this.network.settings;
    const resize = resizeObjects({ shorter, longest });
    return detectionLoader(train, {
      ...{ batchSize: recipe.batchSize, seed: recipe.seed, shuffle: true },
      transform:
        flips === 'none' ? resize : composeObjects(flipObjects({ vertical: flips === 'both' }), resize),
      ...(onBroken && { onBroken: (error, index) => onBroken(error, index, 'train') }),
    });
  }

  async #reestimate(signal: AbortSignal | undefined): Promise<void> {
    const { recipe, normalization, onBroken } = this.options;
    // Training has reported the broken ones.
    const batches = this.#loader({ flips: 'none', ...(onBroken && { onBroken: () => {} }) });
    const some = async function* () {
      let images = 0;
      for await (const batch of batches.epoch(0)) {
        const input = new DetectionBatchInput(batch.images, normalization, 1);
        yield* input.parts();
        images += input.count;
        if (images >= recipe.reestimateImages) return;
      }
    };
    await reestimateWith(this.network, some(), ({ images }) => this.network.first(images), signal);
  }

  async #test(set: DetectionDataset, signal: AbortSignal | undefined): Promise<TestResult> {
    const { normalization, recipe, onBroken } = this.options;
    const detector = prepareDetector(this.network);
    const options: EvaluateOptions = {
      normalization,
      losses: recipe.examples,
      ...(signal && { signal }),
      ...(onBroken && { onBroken: (error, index) => onBroken(error, index, 'test') }),
    };
    try {
      if (recipe.examples.learns === 'proposals') {
        const { recall, averageRecall, loss, count } = await evaluateProposals(detector, set, options);
        return { loss: loss!, error: recall < 0 ? 0 : 1 - recall, count, measures: { averageRecall } };
      }
      const { voc, coco, loss, count } = await evaluateDetector(detector, set, options);
      // Without an object to find there is nothing to be wrong about.
      const error = voc.map < 0 ? 0 : 1 - voc.map;
      return {
        loss: loss!,
        error,
        count,
        measures: { cocoAp: coco.ap, cocoAp75: coco.ap75, recall: coco.ar },
      };
    } finally {
      detector.dispose();
    }
  }
}

interface LoaderChoices {
  flips: DetectionRecipe['flips'];
  onBroken?: DetectionFitOptions['onBroken'];
}

function freeze(network: FasterRcnn, { batchNorm, frozenThrough, examples }: DetectionRecipe): void {
  if (examples.learns === 'proposals') network.roiHeads.freeze();
  if (examples.learns === 'regions') network.rpn.freeze();
  if (batchNorm === 'fixed') network.fixBatchNorm();
  if (frozenThrough !== null) network.freezeThrough(frozenThrough);
}

/** Whether values can be read in the middle of a forward pass. WebGPU only gives them later. */
function readsAtOnce(): boolean {
  return tf.getBackend() !== 'webgpu';
}

function checkClasses({ settings }: FasterRcnn, train: DetectionDataset, test?: DetectionDataset): void {
  if (train.classes.length !== settings.classes) {
    const message = `The detector knows ${settings.classes} classes; '${train.name}' has ${train.classes.length}. Make a detector for this data, or give other data.`;
    throw new ResnetError('SHAPE_MISMATCH', message);
  }
  const differing = test?.classes.findIndex((name, index) => name !== train.classes[index]) ?? -1;
  if (!test || (differing < 0 && test.classes.length === train.classes.length)) return;
  throw new ResnetError(
    'DATA_INVALID',
    `'${test.name}' must have the classes of '${train.name}' in the same order: ${train.classes.join(', ')}; found ${test.classes.join(', ')}.`,
  );
}

function checkProposer({ settings }: FasterRcnn, { proposer, recipe }: DetectionFitOptions): void {
  if (!proposer) return;
  if (recipe.examples.learns !== 'regions') {
    const message = `Another detector proposes only where the regions alone learn, found '${recipe.examples.learns}'. Leave out the proposer, or let only the regions learn.`;
    throw new ResnetError('OPTION_INVALID', message);
  }
  for (const key of ['shorterSide', 'longestSide'] as const) {
    if (proposer.settings[key] === settings[key]) continue;
    throw new ResnetError(
      'OPTION_INVALID',
      `The proposer must see images at the detector's size: expected a ${key} of ${settings[key]}, found ${proposer.settings[key]}.`,
    );
  }
}
