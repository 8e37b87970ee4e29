import { ResnetError } from '@resnet/core';
import type { MetricsRecord, TestRecord, TrainRecord } from '../logging/metrics.js';

/** The results of a run in a few numbers. Errors are shares of images. */
export interface RunSummary {
  /** Steps done. */
  iterations: number;
  /** Mean over the last train records: on images as they were trained on, while the weights still changed. */
  trainingError: number;
  /** How many records that mean is of. */
  trainingRecords: number;
  /** Of the last test. */
  testError: number;
  lowestTestError: number;
  /** Of all steps of all sessions, with waiting for data and without tests. */
  seconds: number;
}

/** About an epoch of CIFAR-10, in batches of 128. A short run's mean is over a tenth of it, as its error falls until the end. */
const MOST_RECORDS = 20;

/**
 * Sums up a run by its records.
 *
 * @throws DATA_MISSING if there is no train record or no test among them
 */
export function summarizeRun(records: readonly MetricsRecord[]): RunSummary {
  const trained = records.filter((record): record is TrainRecord => record.kind === 'train');
  const tests = records.filter((record): record is TestRecord => record.kind === 'test');
  const lastTest = tests.at(-1);
  if (trained.length === 0 || !lastTest) {
    const message = `A summary needs train and test records, found ${trained.length} and ${tests.length}. Train again.`;
    throw new ResnetError('DATA_MISSING', message);
  }
  const atEnd = trained.slice(-Math.min(MOST_RECORDS, Math.ceil(trained.length / 10)));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    iterations: lastTest.iteration,
    trainingError: sum(atEnd.map(({ error }) => error)) / atEnd.length,
    trainingRecords: atEnd.length,
    testError: lastTest.error,
    lowestTestError: Math.min(...tests.map(({ error }) => error)),
    seconds: sum(trained.map(({ seconds }) => sum(Object.values(seconds)))),
  };
}
