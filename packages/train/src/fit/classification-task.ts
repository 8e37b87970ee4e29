import { defined, type ResnetError } from '@resnet/core';
import { type Dataset, type ImageSet, type Loader, loader, type Transform } from '@resnet/data';
import { evaluate, singleView } from '@resnet/eval';
import type { Network } from '@resnet/zoo';
import { subjectOf, testTransform, trainingTransform } from '../recipe/augmentation.js';
import { checkRecipe } from '../recipe/recipe.js';
import { checkFits } from './check-fits.js';
import { checkTrainable } from './check-trainable.js';
import { classificationLoss } from './classification-loss.js';
import type { FitOptions } from './fit-options.js';
import { LabeledInput, type LabeledPart } from './labeled-input.js';
import { reestimateStatistics } from './reestimate-statistics.js';
import type { PartLoss, Task, TestResult } from './task.js';

/** Telling images of classes apart. */
export class ClassificationTask implements Task<LabeledPart> {
  readonly test?: NonNullable<Task['test']>;
  readonly reestimate?: NonNullable<Task['reestimate']>;
  readonly #batches: Loader;
  readonly #testTransform: Transform | undefined;
  /** For training images without augmentation. */
  readonly #plainTransform: Transform | undefined;
  readonly #classMap: number[] | undefined;

  /** @throws what `fit` throws before any step */
  constructor(
    readonly network: Network,
    private readonly options: Omit<FitOptions, 'resume'>,
  ) {
    const { train, test, recipe, mixing, workers, onBroken } = options;
    checkRecipe(recipe);
    this.#classMap = checkFits(network, train, test);
    checkTrainable(network, options);
    const model = subjectOf(network, options);
    const transform = options.transform ?? trainingTransform(recipe, train, model);
    this.#testTransform = options.testTransform ?? testTransform(test ?? train, model);
    this.#plainTransform = options.testTransform ?? testTransform(train, model);
    this.#batches = loader(train, {
      batchSize: recipe.batchSize,
      seed: recipe.seed,
      shuffle: true,
      ...defined({ transform, mixing, workers, onBroken: ofPart('train', onBroken) }),
    });
    if (test) this.test = (signal) => this.#test(test, signal);
    if (recipe.reestimateImages > 0) this.reestimate = (signal) => this.#reestimate(signal);
  }

  get batchesPerEpoch(): number {
    return this.#batches.batchesPerEpoch;
  }

  async *epoch(epoch: number, first: number): AsyncGenerator<LabeledInput> {
    const { normalization, recipe } = this.options;
    for await (const batch of this.#batches.epoch(epoch, first)) {
      yield new LabeledInput(batch, normalization, recipe.accumulation);
    }
  }

  loss(part: LabeledPart): PartLoss {
    return classificationLoss(this.network, part, this.options.recipe.labelSmoothing);
  }

  close(): void {
    this.#batches.close();
  }

  async #reestimate(signal: AbortSignal | undefined): Promise<void> {
    const { train, recipe, normalization, workers, onBroken } = this.options;
    const { batchSize, seed, reestimateImages } = recipe;
    const batches = loader(train, {
      ...{ batchSize, seed, shuffle: true },
      // Training has reported the broken ones.
      ...defined({ transform: this.#plainTransform, workers, onBroken: onBroken && (() => {}) }),
    });
    try {
      const some = first(Math.ceil(reestimateImages / batchSize), batches.epoch(0));
      await reestimateStatistics(this.network, some, normalization, signal);
    } finally {
      batches.close();
    }
  }

  async #test(set: ImageSet | Dataset, signal: AbortSignal | undefined): Promise<TestResult> {
    const { recipe, normalization, workers, onBroken } = this.options;
    const { loss, top1Error, count } = await evaluate(this.network, set, {
      normalization,
      batchSize: Math.min(128, recipe.batchSize),
      view: singleView(this.#testTransform),
      ...defined({ workers, signal, classMap: this.#classMap, onBroken: ofPart('test', onBroken) }),
    });
    return { loss, error: top1Error, count };
  }
}

/** Reports the broken images of a part. */
function ofPart(part: 'train' | 'test', onBroken: FitOptions['onBroken']) {
  return onBroken && ((error: ResnetError, index: number) => onBroken(error, index, part));
}

/** The first `count` values, or all of fewer. */
async function* first<T>(count: number, values: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const value of values) {
    yield value;
    if (--count === 0) return;
  }
}
