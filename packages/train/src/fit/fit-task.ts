import { uploaderToGpu } from '@resnet/backend';
import { defined, nextTask, ResnetError, throwIfAborted } from '@resnet/core';
import type { TestRecord } from '../logging/metrics.js';
import { Averages } from '../optimizer/averages.js';
import { afterTest, afterTraining, learningRateAt } from '../optimizer/schedule.js';
import { Sgd } from '../optimizer/sgd.js';
import { checkCommonRecipe } from '../recipe/common-recipe.js';
import type { FitTaskOptions } from './fit-task-options.js';
import { Prefetcher } from './prefetcher.js';
import type { BatchPart, StepInput, Task } from './task.js';
import {
  addToWindow,
  type Checkpoint,
  emptyWindow,
  startState,
  stateOf,
  type TrainingState,
} from './training-state.js';
import { notFinite, Stepper, type TrainingStep } from './training-step.js';

/**
 * Trains any task by a recipe, as `fit` trains a classifier: steps, tests and checkpoints. Resumed from a checkpoint on the same
 * backend, it gives the same weights, bit for bit, as a run that was never stopped, if the task gives the same batches and losses again.
 * With averaging, the network ends with the averaged weights. Closes the task, however training ends.
 *
 * @throws ABORTED after a last checkpoint, if the signal fired; LOSS_NOT_FINITE, naming the step, before that step
 *   changed any weight; CHECKPOINT_MISMATCH or WEIGHTS_MISMATCH if the checkpoint is another network's; OPTION_INVALID, before any step,
 *   for a recipe that makes no sense; what the task throws
 */
export async function fitTask<Part extends BatchPart>(
  task: Task<Part>,
  options: FitTaskOptions,
): Promise<void> {
  try {
    checkCommonRecipe(options.recipe);
    checkSchedule(task, options);
    const training = new Training(task, options);
    await training.run().finally(() => training.dispose());
  } finally {
    task.close?.();
  }
}

function checkSchedule({ test }: Pick<Task, 'test'>, { recipe }: FitTaskOptions): void {
  if (recipe.schedule.kind !== 'plateau' || test) return;
  const message =
    "The schedule 'plateau' waits for test errors, but there is no test set. Give one, or another schedule.";
  throw new ResnetError('OPTION_INVALID', message);
}

class Training<Part extends BatchPart> {
  readonly #state: TrainingState;
  readonly #optimizer: Sgd;
  readonly #averages: Averages | undefined;

  constructor(
    private readonly task: Task<Part>,
    private readonly options: FitTaskOptions,
  ) {
    const { recipe, resume } = options;
    const { network } = task;
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
    this.#optimizer.dispose();
    this.#averages?.dispose();
  }

  #restore({ optimizer, averages, learningRate }: Checkpoint): void {
    this.#optimizer.loadStateDict(optimizer);
    this.#optimizer.lastLearningRate = learningRate ?? undefined;
    if (averages) this.#averages?.loadStateDict(averages);
  }

  #epoch(): number {
    return this.#state.iteration / this.task.batchesPerEpoch;
  }

  #isOver(): boolean {
    const { recipe, patience = Number.POSITIVE_INFINITY } = this.options;
    const { iteration, testsSinceBest, testDue } = this.#state;
    return iteration >= recipe.iterations || (testsSinceBest >= patience && !testDue);
  }

  /** The inputs of the steps from here on, in their order; they are uploaded to a GPU before they are taken. */
  async *#inputs(upload: ReturnType<typeof uploaderToGpu>): AsyncGenerator<StepInput<Part>, never> {
    const { batchesPerEpoch } = this.task;
    let { iteration } = this.#state;
    for (;;) {
      const epoch = Math.floor(iteration / batchesPerEpoch);
      const before = iteration;
      for await (const input of this.task.epoch(epoch, iteration % batchesPerEpoch)) {
        try {
          if (upload) input.makeAhead?.(upload);
          yield input;
        } finally {
          input.dispose?.();
        }
        iteration++;
      }
      if (iteration === before) throw endless(epoch, iteration % batchesPerEpoch, batchesPerEpoch);
    }
  }

  #stepper({ isAhead }: { isAhead: boolean }): Stepper<Part> {
    const { recipe } = this.options;
    const onUpdate = () => this.#averages?.update();
    return new Stepper({ task: this.task, optimizer: this.#optimizer, recipe, isAhead, onUpdate });
  }

  /**
   * Begins a step. Undefined if training is to stop.
   *
   * @param unfinished how many steps have begun and not finished
   */
  async #begin(
    stepper: Stepper<Part>,
    inputs: Prefetcher<StepInput<Part>>,
    unfinished: number,
  ): Promise<TrainingStep | undefined> {
    const { recipe, signal } = this.options;
    const { schedule, window, iteration } = this.#state;
    const asked = performance.now();
    const input = await inputs.take();
    window.data += (performance.now() - asked) / 1000;
    await nextTask();
    if (signal?.aborted) return undefined;
    this.task.network.setTraining(true);
    const done = iteration + unfinished;
    return stepper.begin(input, learningRateAt(recipe, done, schedule), done + 1);
  }

  async #finish(step: TrainingStep): Promise<number> {
    const result = await step.result();
    const state = this.#state;
    state.iteration++;
    state.learningRate = step.learningRate;
    addToWindow(state.window, step.images, result);
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
    const { recordEvery = 20, testEvery = this.task.batchesPerEpoch } = this.options;
    const { checkpointEvery = testEvery } = this.options;
    return { recordEvery, testEvery, checkpointEvery };
  }

  async #report(loss: number, secondsLeft: number): Promise<void> {
    const { recipe, onProgress, onRecord } = this.options;
    const { recordEvery } = this.#intervals();
    const state = this.#state;
    const { iteration, window } = state;
    const { data, forward, backward, update, answers = window.images, losses } = window;
    const working = forward + backward + update;
    const record = {
      iteration,
      epoch: this.#epoch(),
      error: window.errors / Math.max(1, answers),
      learningRate: state.learningRate!,
      imagesPerSecond: window.images / working,
      waiting: data / (data + working),
    };
    onProgress?.({ ...record, loss, iterations: recipe.iterations, secondsLeft });
    if (iteration % recordEvery !== 0 && iteration !== recipe.iterations) return;
    state.schedule = afterTraining(recipe, state.schedule, record.error);
    const seconds = { data, forward, backward, update };
    state.window = { ...emptyWindow };
    const mean = (sum: number) => sum / window.steps;
    await onRecord?.({
      ...{ kind: 'train', ...record, loss: mean(window.loss), seconds },
      ...(losses
        ? { losses: Object.fromEntries(Object.entries(losses).map(([name, sum]) => [name, mean(sum)])) }
        : {}),
    });
  }

  async #saveAndTest(): Promise<void> {
    const { recipe } = this.options;
    const { testEvery, checkpointEvery } = this.#intervals();
    const { iteration } = this.#state;
    const isLast = iteration === recipe.iterations;
    this.#state.testDue = this.task.test !== undefined && (iteration % testEvery === 0 || isLast);
    if (iteration % checkpointEvery === 0 || isLast) await this.#checkpoint();
    await this.#estimateAndTest();
  }

  async #checkpoint(): Promise<void> {
    const [network, optimizer, averages] = await Promise.all([
      this.task.network.stateDict(),
      this.#optimizer.stateDict(),
      this.#averages?.stateDict(),
    ]);
    for (const [name, { data }] of [...network, ...optimizer]) {
      if (!data.every(Number.isFinite)) throw notFinite(`${name} after step ${this.#state.iteration}`);
    }
    await this.options.onCheckpoint?.({
      ...stateOf(this.#state),
      ...{ network, optimizer },
      ...defined({ averages }),
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
    const { recipe, signal } = this.options;
    const { iteration, testDue } = this.#state;
    const isEstimated = this.task.reestimate !== undefined && iteration === recipe.iterations;
    const isTested = this.task.test !== undefined && testDue;
    if (!isEstimated && !isTested) return;
    try {
      this.#averages?.exchange();
      try {
        if (isEstimated) await this.task.reestimate?.(signal);
        if (isTested) await this.#test();
      } finally {
        this.#averages?.exchange();
      }
    } catch (error) {
      await this.#stopIfAborted();
      throw error;
    }
  }

  async #test(): Promise<void> {
    const { recipe, signal, onBest, onRecord } = this.options;
    const { loss, error, count, measures } = await this.task.test!(signal);
    const state = this.#state;
    const { iteration } = state;
    const epoch = this.#epoch();
    const record: TestRecord = {
      ...{ kind: 'test', iteration, epoch, ...defined({ loss }), error, count },
      ...defined({ measures }),
    };
    state.testDue = false;
    state.schedule = afterTest(recipe, state.schedule, error);
    state.testsSinceBest++;
    if (state.best === null || error < state.best.error) {
      state.best = { iteration, error };
      state.testsSinceBest = 0;
      await onBest?.(record);
    }
    await onRecord?.(record);
  }
}

function endless(epoch: number, first: number, steps: number): ResnetError {
  const message = `Epoch ${epoch} of the task must have ${steps} steps, found none from step ${first} on.`;
  return new ResnetError('DATA_INVALID', message);
}
