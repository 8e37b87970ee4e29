import type { MetricsRecord, TestRecord } from '../logging/metrics.js';
import type { CommonRecipe } from '../recipe/common-recipe.js';
import type { Checkpoint } from './training-state.js';

/** The state of training after each step. */
export interface Progress {
  /** Steps done, and steps in all. */
  iteration: number;
  iterations: number;
  epoch: number;
  /** Of the last step. */
  loss: number;
  /** Mean error of the answers since the last train record: of a classifier the share of images misclassified. */
  error: number;
  learningRate: number;
  imagesPerSecond: number;
  /** Share of the time since the last train record that the backend waited for data, 0 to 1. */
  waiting: number;
  secondsLeft: number;
}

/** The options of any training. */
export interface FitTaskOptions {
  recipe: CommonRecipe;
  /** Resumes from here. */
  resume?: Checkpoint;
  /** Steps between train records. Default 20. */
  recordEvery?: number;
  /** Steps between tests. Default: an epoch's. The last step is always followed by a test. */
  testEvery?: number;
  /** Steps between checkpoints. Default: as many as between tests. The last step always makes one. */
  checkpointEvery?: number;
  /** Ends training once so many tests in a row have not come below the lowest error before them. Not the schedule's `patience`. */
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
