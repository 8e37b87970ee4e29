import { nextTask, type ResnetError, throwIfAborted } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import {
  type Batch,
  type Dataset,
  type ImageSet,
  loader,
  type Mixing,
  type Normalization,
  type StreamedDataset,
  type Transform,
} from '@resnet/data';
import { evaluate } from '@resnet/eval';
import type { Network } from '@resnet/zoo';
import { transformsOf } from './augmentation.js';
import { Averages } from './averages.js';
import { checkFits } from './check-fits.js';
import type { MetricsRecord, TestRecord } from './metrics.js';
import { checkRecipe, type Recipe } from './recipe.js';
import { afterTest, afterTraining, learningRateAt, type ScheduleState, scheduleStart } from './schedule.js';
import { Sgd } from './sgd.js';
import { notFinite, trainingStep } from './training-step.js';

/** Where a run is. */
export interface TrainingState {
  /** Steps done. With the recipe's seed it fixes the order of the images and every later random number. */
  iteration: number;
  /** What the learning rate depends on besides, and the one of the last step. */
  schedule: ScheduleState;
  learningRate: number | null;
  /** The test with the lowest error so far, and how many there were since. */
  best: { iteration: number; error: number } | null;
  testsSinceBest: number;
  /** Sums over the steps since the last train record. */
  window: Window;
  /** Whether the test that was due at this iteration was still to come. */
  testDue: boolean;
}

/** All that a run needs to go on as if it had never stopped. */
export interface Checkpoint extends TrainingState {
  /** Parameters and running statistics. */
  network: StateDict;
  /** Velocities. */
  optimizer: StateDict;
  /** Averages of parameters and running statistics, if the recipe has them. */
  averages?: StateDict;
}

/** What a train record averages. */
export interface Window {
  steps: number;
  images: number;
  errors: number;
  loss: number;
  /** Seconds: the steps waiting for their batches, and the three parts of the steps. */
  data: number;
  forward: number;
  backward: number;
  update: number;
}

export interface Progress {
  /** Steps done, and steps in all. */
  iteration: number;
  iterations: number;
  epoch: number;
  /** Of the last step. */
  loss: number;
  /** Share of images misclassified since the last train record. */
  error: number;
  learningRate: number;
  imagesPerSecond: number;
  /** Share of the time since the last train record that the backend waited for data, 0 to 1. */
  waiting: number;
  secondsLeft: number;
}

export interface FitOptions {
  train: ImageSet | Dataset | StreamedDataset;
  /** Held-out images; without them nothing is tested. */
  test?: ImageSet | Dataset;
  recipe: Recipe;
  normalization: Normalization;
  /** What is done to the training images, instead of the recipe's augmentation. */
  transform?: Transform;
  /** What is done to the test images then. */
  testTransform?: Transform;
  /** What is done to each batch of them: mixup or cutmix. */
  mixing?: Mixing;
  /** Threads that make the batches. Default 0. */
  workers?: number;
  /** Hears of each training image that is broken, which is left out. By default the first one ends training. */
  onBroken?: (error: ResnetError, index: number) => void;
  /** Go on from here. */
  resume?: Checkpoint;
  /** Steps between train records. Default 20. */
  recordEvery?: number;
  /** Steps between tests. Default: an epoch's. The last step is always followed by a test. */
  testEvery?: number;
  /** Steps between checkpoints. Default: as many as between tests. The last step always makes one. */
  checkpointEvery?: number;
  /** Ends training once so many tests in a row have not come below the lowest error before them. */
  patience?: number;
  /** Stops after the step that is running, with a checkpoint. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onRecord?: (record: MetricsRecord) => void | Promise<void>;
  /** After a test with the lowest error so far; the network then has the weights that were tested. */
  onBest?: (test: TestRecord) => void | Promise<void>;
  /** Must have stored the checkpoint when it resolves. */
  onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
}

const emptyWindow: Window = {
  ...{ steps: 0, images: 0, errors: 0, loss: 0 },
  ...{ data: 0, forward: 0, backward: 0, update: 0 },
};

/**
 * Trains a network by a recipe. Resumed from a checkpoint on the same backend, it comes to the same weights, bit
 * for bit, as a run that was never stopped. With averaging, the network ends with the averaged weights.
 *
 * @throws ABORTED after a last checkpoint, if the signal fired; LOSS_NOT_FINITE, naming the step, before that step
 *   changed any weight; CHECKPOINT_MISMATCH or WEIGHTS_MISMATCH if the checkpoint is another network's; SHAPE_MISMATCH
 *   before any step if the data has more classes or other channels than the network; what reading the data throws
 */
export async function fit(network: Network, options: FitOptions): Promise<void> {
  const { train, test, recipe, normalization, resume, signal, onProgress, onRecord, onCheckpoint } = options;
  checkRecipe(recipe);
  for (const data of test ? [train, test] : [train]) checkFits(network, data);
  const own = options.transform ? { train: options.transform } : transformsOf(recipe, train);
  const { train: transform, test: testTransform } = { test: options.testTransform, ...own };
  const batches = loader(train, {
    batchSize: recipe.batchSize,
    seed: recipe.seed,
    shuffle: true,
    ...(transform ? { transform } : {}),
    ...(options.mixing ? { mixing: options.mixing } : {}),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(options.onBroken ? { onBroken: options.onBroken } : {}),
  });
  const recordEvery = options.recordEvery ?? 20;
  const testEvery = options.testEvery ?? batches.batchesPerEpoch;
  const checkpointEvery = options.checkpointEvery ?? testEvery;

  const state = resume ? stateOf(resume) : startState();
  if (resume) network.loadStateDict(resume.network);
  const optimizer = new Sgd(network, recipe);
  const averages = recipe.averaging === null ? undefined : new Averages(network, recipe.averaging);
  const epochNow = () => state.iteration / batches.batchesPerEpoch;
  const isOver = () =>
    state.iteration >= recipe.iterations ||
    (options.patience !== undefined && state.testsSinceBest >= options.patience && !state.testDue);

  const checkpoint = async () => {
    const tensors = { network: network.stateDict(), optimizer: optimizer.stateDict() };
    for (const [name, { data }] of [...tensors.network, ...tensors.optimizer]) {
      if (!data.every(Number.isFinite)) throw notFinite(`${name} after step ${state.iteration}`);
    }
    await onCheckpoint?.({
      ...stateOf(state),
      ...tensors,
      ...(averages ? { averages: averages.stateDict() } : {}),
    });
  };
  const stopIfAborted = async () => {
    if (!signal?.aborted) return;
    await checkpoint();
    throwIfAborted(signal, `Training, after ${state.iteration} of ${recipe.iterations} iterations,`);
  };
  const testIfDue = async () => {
    if (!test || !state.testDue) return;
    averages?.exchange();
    try {
      const { loss, top1Error, count } = await evaluate(network, test, {
        normalization,
        batchSize: Math.min(128, recipe.batchSize),
        ...(testTransform ? { transform: testTransform } : {}),
        ...(options.workers === undefined ? {} : { workers: options.workers }),
        ...(signal ? { signal } : {}),
      });
      const { iteration } = state;
      const record: TestRecord = {
        kind: 'test',
        iteration,
        epoch: epochNow(),
        loss,
        error: top1Error,
        count,
      };
      state.testDue = false;
      state.schedule = afterTest(recipe, state.schedule, top1Error);
      state.testsSinceBest++;
      if (state.best === null || top1Error < state.best.error) {
        state.best = { iteration, error: top1Error };
        state.testsSinceBest = 0;
        await options.onBest?.(record);
      }
      await onRecord?.(record);
    } finally {
      averages?.exchange();
    }
  };
  const takeStep = async (batch: Batch) => {
    const { window } = state;
    const learningRate = learningRateAt(recipe, state.iteration, state.schedule);
    network.setTraining(true);
    const step = await trainingStep(
      ...([network, optimizer, batch, normalization, recipe, learningRate, state.iteration + 1] as const),
    );
    averages?.update();
    state.iteration++;
    state.learningRate = learningRate;
    window.steps++;
    window.images += batch.count;
    for (const key of ['loss', 'errors', 'forward', 'backward', 'update'] as const) window[key] += step[key];
    return step.loss;
  };
  const report = async (loss: number, secondsLeft: number) => {
    const { iteration, window } = state;
    const { data, forward, backward, update } = window;
    const working = forward + backward + update;
    const record = {
      iteration,
      epoch: epochNow(),
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
  };

  try {
    if (resume) {
      optimizer.loadStateDict(resume.optimizer);
      optimizer.lastLearningRate = resume.learningRate ?? undefined;
      if (resume.averages) averages?.loadStateDict(resume.averages);
    }
    const testing = async () => {
      await testIfDue().catch(async (error: unknown) => {
        await stopIfAborted();
        throw error;
      });
    };
    await testing();
    const firstIteration = state.iteration;
    const started = performance.now();
    while (!isOver()) {
      const epoch = batches.epoch(Math.floor(epochNow()), state.iteration % batches.batchesPerEpoch);
      const waitedFor = (seconds: number) => {
        state.window.data += seconds;
      };
      for await (const batch of timed(epoch, waitedFor)) {
        await nextTask();
        await stopIfAborted();
        const loss = await takeStep(batch);
        const { iteration } = state;
        const isLast = iteration === recipe.iterations;
        const secondsPerStep = (performance.now() - started) / 1000 / (iteration - firstIteration);
        await report(loss, secondsPerStep * (recipe.iterations - iteration));
        state.testDue = test !== undefined && (iteration % testEvery === 0 || isLast);
        if (iteration % checkpointEvery === 0 || isLast) await checkpoint();
        await testing();
        if (isOver()) break;
      }
    }
    if (state.iteration < recipe.iterations) await checkpoint();
    averages?.exchange();
  } finally {
    batches.close();
    optimizer.dispose();
    averages?.dispose();
  }
}

function startState(): TrainingState {
  return {
    ...{ iteration: 0, schedule: scheduleStart, learningRate: null },
    ...{ best: null, testsSinceBest: 0, window: { ...emptyWindow }, testDue: false },
  };
}

/** A copy of where a run is. */
export function stateOf(from: TrainingState): TrainingState {
  const { iteration, schedule, learningRate, best, testsSinceBest, window, testDue } = from;
  return { iteration, schedule, learningRate, best, testsSinceBest, window: { ...window }, testDue };
}

/** The same batches, and how long each was waited for. */
async function* timed(batches: AsyncIterable<Batch>, waitedFor: (seconds: number) => void) {
  let asked = performance.now();
  for await (const batch of batches) {
    waitedFor((performance.now() - asked) / 1000);
    yield batch;
    asked = performance.now();
  }
}
