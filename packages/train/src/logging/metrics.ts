import type { TestResult } from '../fit/task.js';

/** One line of a run's log: averages over the steps since the last such line. */
export interface TrainRecord {
  kind: 'train';
  /** Steps done. */
  iteration: number;
  /** Epochs done, with their fraction. */
  epoch: number;
  /** Mean of the steps. */
  loss: number;
  /** Means of what the loss is made of, where the task says it. */
  losses?: Readonly<Record<string, number>>;
  /** Mean error of the answers, on the batches as they were trained on: of a classifier the share of images misclassified. */
  error: number;
  learningRate: number;
  /** While the backend worked, without waiting for data. */
  imagesPerSecond: number;
  /** Share of the time that the backend waited for data, 0 to 1. */
  waiting: number;
  /** How the time of these steps divides. On a GPU, which computes asynchronously, most of it is in `update`. */
  seconds: { data: number; forward: number; backward: number; update: number };
}

/** One line of a run's log: a test on held-out images. */
export interface TestRecord extends TestResult {
  kind: 'test';
  iteration: number;
  epoch: number;
}

export type MetricsRecord = TrainRecord | TestRecord;
