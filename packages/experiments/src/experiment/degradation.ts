import { drawFigure6 } from '@resnet/charts';
import { ResnetError } from '@resnet/core';
import { cifarPlain, cifarResNet } from '@resnet/zoo';
import { beginExperiment, type ExperimentOptions, type ExperimentOutcome } from './experiment.js';
import { type FinishedRun, finishRun } from './finish-run.js';
import { writeResults } from './write-results.js';

export interface DegradationOptions extends ExperimentOptions {
  /** Of plain and residual networks alike, 6n + 2 each. At most 10. */
  depths: readonly number[];
}

/**
 * Trains plain and residual networks of some depths alike, and draws them side by side: Section 4.2 and Figure 6 of the paper.
 * All have the recipe's seed.
 *
 * @throws OPTION_INVALID for impossible depths; as `openExperiment` and `trainRun`. After ABORTED the same call resumes
 */
export async function runDegradation(options: DegradationOptions): Promise<ExperimentOutcome> {
  const { depths, dataset, recipe } = options;
  checkDepths(depths);
  const runs = [cifarPlain, cifarResNet].flatMap((build) =>
    depths.map((depth) => {
      const name = networkName(build, depth);
      return { name, network: name, seed: recipe.seed };
    }),
  );
  await beginExperiment('degradation', runs, options);
  const finished: FinishedRun[] = [];
  for (const run of runs) finished.push(await finishRun(options, run));
  const curves = finished.map(({ result, records }) => ({ ...result, label: result.name, records }));
  const svg = await drawFigure6(curves.slice(0, depths.length), curves.slice(depths.length));
  return writeResults(options, {
    title: `Plain and residual networks of ${depths.join(' and ')} layers on ${dataset}`,
    results: finished.map(({ result }) => result),
    picture: { name: 'fig6.svg', svg },
  });
}

/** The name that the network has. It is built without weights, which is fast. */
function networkName(build: typeof cifarPlain, depth: number): string {
  const network = build(depth, { initialize: false });
  network.dispose();
  return network.architecture.name;
}

/** Refuses before training what drawing would refuse after it. */
function checkDepths(depths: readonly number[]): void {
  if (depths.length > 0 && depths.length <= 10 && new Set(depths).size === depths.length) return;
  const message = `The depths must be 1 to 10 different ones, found ${depths.join(', ') || 'none'}.`;
  throw new ResnetError('OPTION_INVALID', message);
}
