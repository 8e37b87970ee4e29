import { drawFigure6 } from '@resnet/charts';
import { ResnetError } from '@resnet/core';
import { cifarPlain, cifarResNet } from '@resnet/zoo';
import type { Context } from '../context.js';
import { type ExperimentOptions, withExperiment } from './experiment.js';
import { reportResults } from './experiment-results.js';
import { type FinishedRun, finishRun } from './experiment-run.js';

export interface DegradationOptions extends ExperimentOptions {
  depths: number[];
}

/** Trains plain and residual networks of some depths alike: Section 4.2 and Figure 6 of the paper. */
export async function degradation(options: DegradationOptions, context: Context): Promise<void> {
  const { depths } = options;
  check(depths);
  const plan = {
    kind: 'degradation',
    runs: ({ seed }: { seed: number }) =>
      [cifarPlain, cifarResNet].flatMap((build) =>
        depths.map((depth) => {
          const name = networkName(build, depth);
          return { name, network: name, seed };
        }),
      ),
  };
  await withExperiment(plan, options, context, async (experiment, runs) => {
    const finished: FinishedRun[] = [];
    for (const run of runs) finished.push(await finishRun(experiment, run));
    const curves = finished.map(({ result, records }) => ({ ...result, label: result.name, records }));
    const svg = await drawFigure6(curves.slice(0, depths.length), curves.slice(depths.length));
    await reportResults(experiment, {
      title: `Plain and residual networks of ${depths.join(' and ')} layers on ${options.dataset}`,
      results: finished.map(({ result }) => result),
      picture: { name: 'fig6.svg', svg },
    });
  });
}

/** The name is the network's own. Without weights it is soon built. */
function networkName(build: typeof cifarPlain, depth: number): string {
  const network = build(depth, { initialize: false });
  network.dispose();
  return network.architecture.name;
}

/** What drawing would refuse only after everything is trained. */
function check(depths: readonly number[]): void {
  if (depths.length <= 10 && new Set(depths).size === depths.length) return;
  const message = `--depths must be at most 10 different depths, found ${depths.join(', ')}.`;
  throw new ResnetError('OPTION_INVALID', message);
}
