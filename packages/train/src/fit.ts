import { nextTask, ResnetError, softmaxCrossEntropy, throwIfAborted } from '@resnet/backend';
import type { StateDict } from '@resnet/blocks';
import {
  type Batch,
  channelStatistics,
  cifarAugmentation,
  type Dataset,
  type ImageSet,
  loader,
  type Mixing,
  type Normalization,
  type StreamedDataset,
  type Transform,
  toTensor,
} from '@resnet/data';
import { evaluate } from '@resnet/eval';
import type { Network } from '@resnet/zoo';
import * as tf from '@tensorflow/tfjs-core';
import type { MetricsRecord } from './metrics.js';
import { checkRecipe, learningRateAt, type Recipe } from './recipe.js';
import { Sgd } from './sgd.js';

/** All that a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Steps done. With the recipe's seed it fixes the order of the images and every later random number. */
  iteration: number;
  /** Parameters and running statistics. */
  network: StateDict;
  /** Velocities. */
  optimizer: StateDict;
  /** Sums over the steps since the last train record. */
  window: Window;
  /** Whether the test that was due at this iteration was still to come. */
  testDue: boolean;
}

/** What a train record averages. */
export interface Window {
  steps: number;
  images: number;
  errors: number;
  loss: number;
  /** Of the steps. */
  seconds: number;
  /** Seconds that the steps waited for their batches. */
  waited: number;
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
  test?: ImageSet;
  recipe: Recipe;
  normalization: Normalization;
  /** What is done to the training images, instead of the recipe's augmentation. */
  transform?: Transform;
  /** What is done to each batch of them: mixup or cutmix. */
  mixing?: Mixing;
  /** Threads that make the batches. Default 0. */
  workers?: number;
  /** Go on from here. */
  resume?: Checkpoint;
  /** Steps between train records. Default 20. */
  recordEvery?: number;
  /** Steps between tests. Default: an epoch's. The last step is always followed by a test. */
  testEvery?: number;
  /** Steps between checkpoints. Default: as many as between tests. The last step always makes one. */
  checkpointEvery?: number;
  /** Stops after the step that is running, with a checkpoint. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onRecord?: (record: MetricsRecord) => void | Promise<void>;
  /** Must have stored the checkpoint when it resolves. */
  onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
}

const emptyWindow = (): Window => ({ steps: 0, images: 0, errors: 0, loss: 0, seconds: 0, waited: 0 });

/**
 * Trains a network by a recipe. Resumed from a checkpoint on the same backend, it comes to the same weights, bit
 * for bit, as a run that was never stopped.
 *
 * @throws ABORTED after a last checkpoint, if the signal fired; LOSS_NOT_FINITE, naming the step, before that step
 *   changed any weight; CHECKPOINT_MISMATCH or WEIGHTS_MISMATCH if the checkpoint is another network's; what reading the
 *   data throws
 */
export async function fit(network: Network, options: FitOptions): Promise<void> {
  const { train, test, recipe, normalization, resume, signal, onProgress, onRecord, onCheckpoint } = options;
  checkRecipe(recipe);
  const transform = options.transform ?? augmentationOf(recipe, train);
  const batches = loader(train, {
    batchSize: recipe.batchSize,
    seed: recipe.seed,
    shuffle: true,
    ...(transform ? { transform } : {}),
    ...(options.mixing ? { mixing: options.mixing } : {}),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  });
  const recordEvery = options.recordEvery ?? 20;
  const testEvery = options.testEvery ?? batches.batchesPerEpoch;
  const checkpointEvery = options.checkpointEvery ?? testEvery;

  const optimizer = new Sgd(network, recipe);
  try {
    if (resume) {
      network.loadStateDict(resume.network);
      optimizer.loadStateDict(resume.optimizer);
    }
    let iteration = resume?.iteration ?? 0;
    let window = resume ? { ...resume.window } : emptyWindow();
    let testDue = resume?.testDue ?? false;
    const epochNow = () => iteration / batches.batchesPerEpoch;

    const checkpoint = async () => {
      const state = { network: network.stateDict(), optimizer: optimizer.stateDict() };
      for (const [name, { data }] of [...state.network, ...state.optimizer]) {
        if (!data.every(Number.isFinite)) throw notFinite(`${name} after step ${iteration}`);
      }
      await onCheckpoint?.({ iteration, ...state, window: { ...window }, testDue });
    };
    const stopIfAborted = async () => {
      if (!signal?.aborted) return;
      await checkpoint();
      throwIfAborted(signal, `Training, after ${iteration} of ${recipe.iterations} iterations,`);
    };
    const testIfDue = async () => {
      if (!test || !testDue) return;
      const options = { normalization, ...(signal ? { signal } : {}) };
      const { loss, top1Error, count } = await evaluate(network, test, options).catch(
        async (error: unknown) => {
          await stopIfAborted();
          throw error;
        },
      );
      testDue = false;
      await onRecord?.({ kind: 'test', iteration, epoch: epochNow(), loss, error: top1Error, count });
    };

    await testIfDue();
    const firstIteration = iteration;
    const started = performance.now();
    while (iteration < recipe.iterations) {
      const epoch = batches.epoch(Math.floor(epochNow()), iteration % batches.batchesPerEpoch);
      const waitedFor = (seconds: number) => {
        window.waited += seconds;
      };
      for await (const batch of timed(epoch, waitedFor)) {
        await nextTask();
        await stopIfAborted();
        const stepStarted = performance.now();
        const learningRate = learningRateAt(recipe, iteration);
        network.setTraining(true);
        const { loss, errors } = await step(
          network,
          optimizer,
          batch,
          normalization,
          learningRate,
          iteration + 1,
        );
        iteration++;
        const now = performance.now();
        window.steps++;
        window.images += batch.count;
        window.errors += errors;
        window.loss += loss;
        window.seconds += (now - stepStarted) / 1000;
        const isLast = iteration === recipe.iterations;
        const state = {
          iteration,
          epoch: epochNow(),
          error: window.errors / window.images,
          learningRate,
          imagesPerSecond: window.images / window.seconds,
          waiting: window.waited / (window.seconds + window.waited),
        };
        const secondsPerStep = (now - started) / 1000 / (iteration - firstIteration);
        const secondsLeft = secondsPerStep * (recipe.iterations - iteration);
        onProgress?.({ ...state, loss, iterations: recipe.iterations, secondsLeft });

        if (iteration % recordEvery === 0 || isLast) {
          await onRecord?.({ kind: 'train', ...state, loss: window.loss / window.steps });
          window = emptyWindow();
        }
        testDue = test !== undefined && (iteration % testEvery === 0 || isLast);
        if (iteration % checkpointEvery === 0 || isLast) await checkpoint();
        await testIfDue();
        if (isLast) break;
      }
    }
  } finally {
    batches.close();
    optimizer.dispose();
  }
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

/**
 * One step: forward, backward, update. Gives the loss and the number of images misclassified.
 *
 * @throws LOSS_NOT_FINITE if the loss or a gradient is not finite; no weight is changed then. The gradients are
 *   looked at because a ReLU may turn NaN into 0 on the way to the loss.
 */
async function step(
  network: Network,
  optimizer: Sgd,
  batch: Batch,
  normalization: Normalization,
  learningRate: number,
  number: number,
): Promise<{ loss: number; errors: number }> {
  const { mixed } = batch;
  // Of a mixed image the class that it has more of is the right one.
  const right = mixed && mixed.share < 0.5 ? mixed.labels : batch.labels;
  const images = toTensor(batch, normalization);
  const [labels, rightLabels] = [tf.tensor1d(batch.labels, 'int32'), tf.tensor1d(right, 'int32')];
  const made: tf.TensorContainer[] = [images, labels, rightLabels];
  try {
    const { value, grads } = tf.variableGrads(() => {
      const logits = network.forward(images);
      made.push(tf.keep(tf.sum(tf.cast(tf.notEqual(tf.argMax(logits, 1), rightLabels), 'int32'))));
      const loss = softmaxCrossEntropy(logits, labels);
      if (!mixed) return loss;
      const others = softmaxCrossEntropy(logits, tf.tensor1d(mixed.labels, 'int32'));
      return tf.add(tf.mul(loss, mixed.share), tf.mul(others, 1 - mixed.share)) as tf.Scalar;
    }, optimizer.variables);
    made.push(value, grads);
    const squares = tf.tidy(() =>
      Object.values(grads)
        .map((gradient) => tf.sum(tf.square(gradient)))
        .reduce((sum, square) => tf.add(sum, square)),
    );
    made.push(squares);
    const wrong = made[3] as tf.Tensor;
    const [[loss], [errors], [square]] = await Promise.all([value.data(), wrong.data(), squares.data()]);
    if (!Number.isFinite(loss)) throw notFinite(`the loss of step ${number}`);
    if (!Number.isFinite(square)) throw notFinite(`the gradient of step ${number}`);
    optimizer.step(grads, learningRate);
    return { loss: loss!, errors: errors! };
  } finally {
    tf.dispose(made);
  }
}

function augmentationOf(recipe: Recipe, train: FitOptions['train']): Transform | undefined {
  if (recipe.augmentation === 'none') return undefined;
  if ('images' in train) {
    // The paper pads after subtracting the mean, with 0: in pixels, that is the mean.
    return cifarAugmentation(channelStatistics(train).mean.map((mean) => Math.round(255 * mean)));
  }
  throw new ResnetError(
    'OPTION_INVALID',
    `The recipe's augmentation, '${recipe.augmentation}', is for sets in memory, and '${train.name}' is none. Give a transform.`,
  );
}

function notFinite(what: string): ResnetError {
  const advice = 'The last checkpoint is from before. Lower the learning rate, or look for broken images.';
  return new ResnetError('LOSS_NOT_FINITE', `Training diverged: ${what} is not a finite number. ${advice}`);
}
