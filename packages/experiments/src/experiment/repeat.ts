import { checkInteger } from '@resnet/core';
import { formatSampleStatistics, type SampleStatistics, sampleStatistics } from '../sample-statistics.js';
import { beginExperiment, type ExperimentOptions, type ExperimentOutcome } from './experiment.js';
import { type FinishedRun, finishRun } from './finish-run.js';
import { writeResults } from './write-results.js';

export interface RepeatOptions extends ExperimentOptions {
  /** Its name in the registry. */
  network: string;
  /** How many times it is trained, at least 2. */
  runs: number;
}

export interface RepeatOutcome extends ExperimentOutcome {
  /** Of the last tests, as shares; `text` has them as Table 6 does. */
  testError: SampleStatistics & { text: string };
  /** What the text means, in words. */
  meaning: string;
}

/**
 * Trains a network several times, with seeds from 0, as the paper does with ResNet-110 in Table 6.
 *
 * @throws OPTION_INVALID for less than 2 runs; as `openExperiment` and `trainRun`. After ABORTED the same call resumes
 */
export async function runRepeat(options: RepeatOptions): Promise<RepeatOutcome> {
  const { network, dataset } = options;
  checkInteger('runs', options.runs, 2);
  const runs = Array.from({ length: options.runs }, (_, seed) => ({
    name: `${network}-seed-${seed}`,
    network,
    seed,
  }));
  await beginExperiment('repeat', runs, options);
  const finished: FinishedRun[] = [];
  for (const run of runs) finished.push(await finishRun(options, run));
  const results = finished.map(({ result }) => result);
  const statistics = sampleStatistics(results.map(({ testError }) => testError));
  const text = formatSampleStatistics(statistics);
  const meaning = `best (mean±standard deviation) of ${runs.length} runs, in %`;
  const testError = { ...statistics, text };
  const outcome = await writeResults(options, {
    title: `${network}, ${runs.length} times on ${dataset}`,
    results,
    findings: {
      paragraphs: [`Test error **${text}**: ${meaning}, as in Table 6 of the paper.`],
      values: { testError },
    },
  });
  return { ...outcome, testError, meaning };
}
