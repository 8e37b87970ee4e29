import { loadInt8, uploaderToGpu } from '@resnet/backend';
import { defined, nextTask, type ResnetError, throwIfAborted } from '@resnet/core';
import { type Dataset, type ImageSet, type Loader, loader, type Transform } from '@resnet/data';
import { evaluate, singleView } from '@resnet/eval';
import type { Network } from '@resnet/zoo';
import type { TestRecord } from '../logging/metrics.js';
import { Averages } from '../optimizer/averages.js';
import { afterTest, afterTraining, learningRateAt } from '../optimizer/schedule.js';
import { Sgd } from '../optimizer/sgd.js';
import { subjectOf, testTransform, trainingTransform } from '../recipe/augmentation.js';
import { checkRecipe } from '../recipe/recipe.js';
import { withBatchThatFits } from './batch-that-fits.js';
import { checkFits } from './check-fits.js';
import { checkTrainable } from './check-trainable.js';
import type { FitOptions } from './fit-options.js';
import { Prefetcher } from './prefetcher.js';
import { rangesOfRun } from './ranges-of-run.js';
import { reestimateStatistics } from './reestimate-statistics.js';
import { StepInput } from './step-input.js';
import { type Checkpoint, emptyWindow, startState, stateOf, type TrainingState } from './training-state.js';
import { notFinite, Stepper, type TrainingStep } from './training-step.js';

/**
 * Trains a network by a recipe. Resumed from a checkpoint on the same backend, it gives the same weights, bit for bit, as a
 * run that was never stopped. With averaging, the network ends with the averaged weights.
 *
 * @throws ABORTED after a last checkpoint, if the signal fired; LOSS_NOT_FINITE, naming the step, before that step
 *   changed any weight; CHECKPOINT_MISMATCH or WEIGHTS_MISMATCH if the checkpoint is another network's; SHAPE_MISMATCH
 *   before any step if the data has more classes or other channels than the network, DATA_INVALID if `test` has classes that
 *   `train` lacks; OPTION_INVALID if `fakeQuantization` has no range for one of the network's values; what reading the data throws
 * @throws before any step, DATA_INVALID if there are less than two classes; SHAPE_MISMATCH if the mean is one for each pixel
 *   of images of another size
 */
export async function fit(network: Network, options: FitOptions): Promise<void> {
  const ranges = rangesOfRun(network, options);
  const training = new Training(network, options);
  const { recompute, fakeQuantization } = network;
  network.recompute = options.recompute ?? recompute;
  network.fakeQuantization = ranges;
  try {
    if (ranges) await loadInt8();
    await training.run();
  } catch (error) {
    throw withBatchThatFits(error, network);
  } finally {
    network.recompute = recompute;
    network.fakeQuantization = fakeQuantization;
    training.dispose();
  }
}

class Training {
  readonly #state: TrainingState;
  readonly #batches: Loader;
  readonly #testTransform: Transform | undefined;
  /** For training images without augmentation. */
  readonly #plainTransform: Transform | undefined;
  readonly #classMap: number[] | undefined;
  readonly #optimizer: Sgd;
  readonly #averages: Averages | undefined;

  constructor(
    private readonly network: Network,
    private readonly options: FitOptions,
  ) {
    const { train, test, recipe, mixing, workers, onBroken, resume } = options;
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
    this.#state = resume ? stateOf(resume) : startState();
    if (resume) network.loadStateDict(resume.network);
    this.#optimizer = new Sgd(network, recipe);
    this.#averages = recipe.averaging === null ? undefined : new Averages(network, recipe.averaging);
  }

  async run(): Promise<void> {
    const { recipe, resume } = this.options;
    const state = this.#state;
    if (resume) this.#restore(resume);
    await this.#estimateAndTest();
    const firstIteration = state.iteration;
    const started = performance.now();
    const upload = uploaderToGpu();
    const inputs = new Prefetcher(this.#inputs(upload));
    const stepper = this.#stepper({ isAhead: upload !== undefined });
    // On a GPU the next step begins before the result of the last one is there, so that it never waits for JavaScript.
    const most = upload ? 2 : 1;
    const begun: TrainingStep[] = [];
    try {
      while (!this.#isOver()) {
        while (begun.length < most && !this.#isDue(begun.at(-1)?.number)) {
          const step = await this.#begin(stepper, inputs, begun.length);
          if (!step) break;
          begun.push(step);
          // A step on the CPU keeps it busy: to prepare the next batch meanwhile would only slow the step down.
          if (upload && step.number < recipe.iterations) inputs.begin();
        }
        if (begun.length === 0) await this.#stopIfAborted();
        const step = begun.shift()!;
        const loss = await this.#finish(step).finally(step.dispose);
        const secondsPerStep = (performance.now() - started) / 1000 / (state.iteration - firstIteration);
        await this.#report(loss, secondsPerStep * (recipe.iterations - state.iteration));
        await this.#saveAndTest();
      }
    } finally {
      for (const step of begun) step.dispose();
      stepper.dispose();
      await inputs.close();
    }
    // The run ended early, by `patience`.
    if (state.iteration < recipe.iterations) await this.#checkpoint();
    this.#averages?.exchange();
  }

  dispose(): void {
    this.#batches.close();
    this.#optimizer.dispose();
    this.#averages?.dispose();
  }

  #restore({ optimizer, averages, learningRate }: Checkpoint): void {
    this.#optimizer.loadStateDict(optimizer);
    this.#optimizer.lastLearningRate = learningRate ?? undefined;
    if (averages) this.#averages?.loadStateDict(averages);
  }

  #epoch(): number {
    return this.#state.iteration / this.#batches.batchesPerEpoch;
  }

  #isOver(): boolean {
    const { recipe, patience = Number.POSITIVE_INFINITY } = this.options;
    const { iteration, testsSinceBest, testDue } = this.#state;
    return iteration >= recipe.iterations || (testsSinceBest >= patience && !testDue);
  }

  /** The inputs of the steps from here on, in their order; they are uploaded to a GPU before they are taken. */
  async *#inputs(upload: ReturnType<typeof uploaderToGpu>): AsyncGenerator<StepInput, never> {
    const { normalization, recipe } = this.options;
    const { batchesPerEpoch } = this.#batches;
    let { iteration } = this.#state;
    for (;;) {
      const epoch = Math.floor(iteration / batchesPerEpoch);
      for await (const batch of this.#batches.epoch(epoch, iteration % batchesPerEpoch)) {
        const input = new StepInput(batch, normalization, recipe.accumulation);
        try {
          if (upload) input.makeAhead(upload);
          yield input;
        } finally {
          input.dispose();
        }
        iteration++;
      }
    }
  }

  #stepper({ isAhead }: { isAhead: boolean }): Stepper {
    const { recipe } = this.options;
    const onUpdate = () => this.#averages?.update();
    return new Stepper({ network: this.network, optimizer: this.#optimizer, recipe, isAhead, onUpdate });
  }

  /**
   * Begins a step. Undefined if training is to stop.
   *
   * @param unfinished how many steps have begun and not finished
   */
  async #begin(
    stepper: Stepper,
    inputs: Prefetcher<StepInput>,
    unfinished: number,
  ): Promise<TrainingStep | undefined> {
    const { recipe, signal } = this.options;
    const { schedule, window, iteration } = this.#state;
    const asked = performance.now();
    const input = await inputs.take();
    window.data += (performance.now() - asked) / 1000;
    await nextTask();
    if (signal?.aborted) return undefined;
    this.network.setTraining(true);
    const done = iteration + unfinished;
    return stepper.begin(input, learningRateAt(recipe, done, schedule), done + 1);
  }

  async #finish(step: TrainingStep): Promise<number> {
    const result = await step.result();
    const state = this.#state;
    state.iteration++;
    state.learningRate = step.learningRate;
    state.window.steps++;
    state.window.images += step.images;
    for (const key of ['loss', 'errors', 'forward', 'backward', 'update'] as const) {
      state.window[key] += result[key];
    }
    return result.loss;
  }

  /** Whether something that depends on all steps so far is due after this step, if there is one: a record, a checkpoint or a test. */
  #isDue(iteration: number | undefined): boolean {
    if (iteration === undefined) return false;
    const { recordEvery, testEvery, checkpointEvery } = this.#intervals();
    const isLast = iteration === this.options.recipe.iterations;
    return isLast || [recordEvery, testEvery, checkpointEvery].some((interval) => iteration % interval === 0);
  }

  #intervals() {
    const { recordEvery = 20, testEvery = this.#batches.batchesPerEpoch } = this.options;
    const { checkpointEvery = testEvery } = this.options;
    return { recordEvery, testEvery, checkpointEvery };
  }

  async #report(loss: number, secondsLeft: number): Promise<void> {
    const { recipe, onProgress, onRecord } = this.options;
    const { recordEvery } = this.#intervals();
    const state = this.#state;
    const { iteration, window } = state;
    const { data, forward, backward, update } = window;
    const working = forward + backward + update;
    const record = {
      iteration,
      epoch: this.#epoch(),
      error: window.errors / window.images,
      learningRate: state.learningRate!,
      imagesPerSecond: window.images / working,
      waiting: data / (data + working),
    };
    onProgress?.({ ...record, loss, iterations: recipe.iterations, secondsLeft });
    if (iteration % recordEvery !== 0 && iteration !== recipe.iterations) return;
    state.schedule = afterTraining(recipe, state.schedule, record.error);
    const seconds = { data, forward, backward, update };
    state.window = { ...emptyWindow };
    await onRecord?.({ kind: 'train', ...record, loss: window.loss / window.steps, seconds });
  }

  async #saveAndTest(): Promise<void> {
    const { recipe, test } = this.options;
    const { testEvery, checkpointEvery } = this.#intervals();
    const { iteration } = this.#state;
    const isLast = iteration === recipe.iterations;
    this.#state.testDue = test !== undefined && (iteration % testEvery === 0 || isLast);
    if (iteration % checkpointEvery === 0 || isLast) await this.#checkpoint();
    await this.#estimateAndTest();
  }

  async #checkpoint(): Promise<void> {
    const [network, optimizer, averages] = await Promise.all([
      this.network.stateDict(),
      this.#optimizer.stateDict(),
      this.#averages?.stateDict(),
    ]);
    for (const [name, { data }] of [...network, ...optimizer]) {
      if (!data.every(Number.isFinite)) throw notFinite(`${name} after step ${this.#state.iteration}`);
    }
    await this.options.onCheckpoint?.({
      ...stateOf(this.#state),
      ...{ network, optimizer },
      ...defined({ averages, ranges: this.network.fakeQuantization }),
    });
  }

  async #stopIfAborted(): Promise<void> {
    const { signal, recipe } = this.options;
    if (!signal?.aborted) return;
    await this.#checkpoint();
    throwIfAborted(signal, `Training, after ${this.#state.iteration} of ${recipe.iterations} iterations,`);
  }

  /** Re-estimates the statistics and tests, where that is due; both with the averaged weights, if there are some. */
  async #estimateAndTest(): Promise<void> {
    const { test, recipe } = this.options;
    const { iteration, testDue } = this.#state;
    const isEstimated = recipe.reestimateImages > 0 && iteration === recipe.iterations;
    const isTested = test !== undefined && testDue;
    if (!isEstimated && !isTested) return;
    try {
      this.#averages?.exchange();
      try {
        if (isEstimated) await this.#reestimate();
        if (isTested) await this.#test(test);
      } finally {
        this.#averages?.exchange();
      }
    } catch (error) {
      await this.#stopIfAborted();
      throw error;
    }
  }

  async #reestimate(): Promise<void> {
    const { train, recipe, normalization, workers, onBroken, signal } = this.options;
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

  async #test(set: ImageSet | Dataset): Promise<void> {
    const { recipe, normalization, workers, signal, onBroken, onBest, onRecord } = this.options;
    const { loss, top1Error, count } = await evaluate(this.network, set, {
      normalization,
      batchSize: Math.min(128, recipe.batchSize),
      view: singleView(this.#testTransform),
      ...defined({ workers, signal, classMap: this.#classMap, onBroken: ofPart('test', onBroken) }),
    });
    const state = this.#state;
    const { iteration } = state;
    const epoch = this.#epoch();
    const record: TestRecord = { kind: 'test', iteration, epoch, loss, error: top1Error, count };
    state.testDue = false;
    state.schedule = afterTest(recipe, state.schedule, top1Error);
    state.testsSinceBest++;
    if (state.best === null || top1Error < state.best.error) {
      state.best = { iteration, error: top1Error };
      state.testsSinceBest = 0;
      await onBest?.(record);
    }
    await onRecord?.(record);
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
