/** One line of a run's log: averages over the steps since the last such line. */
export interface TrainRecord {
  kind: 'train';
  /** Steps done. */
  iteration: number;
  /** Epochs done, with their fraction. */
  epoch: number;
  /** Mean cross-entropy of the steps. */
  loss: number;
  /** Share of images misclassified, on the batches as they were trained on. */
  error: number;
  learningRate: number;
  /** While the backend worked; what it waited for data is not in it. */
  imagesPerSecond: number;
  /** Share of the time that the backend waited for data, 0 to 1. */
  waiting: number;
  /** Where the time of these steps went. On a GPU, which works on its own, most of it is seen in `update`. */
  seconds: { data: number; forward: number; backward: number; update: number };
}

/** One line of a run's log: a test on held-out images. */
export interface TestRecord {
  kind: 'test';
  iteration: number;
  epoch: number;
  loss: number;
  error: number;
  /** Images tested. */
  count: number;
}

export type MetricsRecord = TrainRecord | TestRecord;
