import { formatSpread, spreadOf } from '@resnet/train';
import type { Context } from '../context.js';
import { type ExperimentOptions, withExperiment } from './experiment.js';
import { reportResults } from './experiment-results.js';
import { type FinishedRun, finishRun } from './experiment-run.js';

export interface RepeatOptions extends ExperimentOptions {
  runs: number;
}

/** Trains a network several times with other random numbers, as the paper's ResNet-110 in Table 6. */
export async function repeat(network: string, options: RepeatOptions, context: Context): Promise<void> {
  const plan = {
    kind: 'repeat',
    runs: () =>
      Array.from({ length: options.runs }, (_, seed) => ({ name: `${network}-seed-${seed}`, network, seed })),
  };
  await withExperiment(plan, options, context, async (experiment, runs) => {
    const finished: FinishedRun[] = [];
    for (const run of runs) finished.push(await finishRun(experiment, run));
    const results = finished.map(({ result }) => result);
    const spread = spreadOf(results.map(({ testError }) => testError));
    const text = formatSpread(spread);
    const meaning = `best (mean±standard deviation) of ${runs.length} runs, in %`;
    await reportResults(experiment, {
      title: `${network}, ${runs.length} times on ${options.dataset}`,
      results,
      findings: {
        paragraphs: [`Test error **${text}**: ${meaning}, as in Table 6 of the paper.`],
        rows: [['test error', `${text}, ${meaning}`]],
        values: { testError: { ...spread, text } },
      },
    });
  });
}
