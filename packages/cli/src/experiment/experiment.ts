import type { Backend } from '@resnet/backend';
import { defined, formatCount, formatPercent } from '@resnet/core';
import type { ImageSet } from '@resnet/data';
import {
  type ExperimentOptions,
  type ExperimentOutcome,
  type PlannedRun,
  runConstruction,
  runDegradation,
  runRepeat,
} from '@resnet/experiments/node';
import type { Context } from '../context.js';
import { backendRows } from '../shared/backend/backend-rows.js';
import { type BackendChoice, withBackend } from '../shared/backend/with-backend.js';
import { dataSet } from '../shared/data-sets/data-sets.js';
import { checkName } from '../shared/options/check-name.js';
import { whileShown } from '../shared/progress/while-shown.js';
import { changedRecipe, namedRecipe, type RecipeOptions } from '../shared/recipes/chosen-recipe.js';
import { missedDrops } from '../shared/recipes/describe-schedule.js';
import { usualRecipe } from '../shared/recipes/usual-recipe.js';
import { formatDuration } from '../shared/terminal/format.js';
import type { Output } from '../shared/terminal/io.js';
import { printJson, printRows, type Row } from '../shared/terminal/print.js';
import { commandLine, namingResume } from '../shared/terminal/resume-command.js';
import { describeNetwork } from '../shared/weights/describe-network.js';
import { environmentOf } from './environment.js';
import { ExperimentDisplay } from './experiment-display.js';

/** The options of all experiments. Those of one kind are there for that kind only. */
export interface ExperimentCommandOptions extends BackendChoice, RecipeOptions {
  dataset: string;
  data?: string;
  out: string;
  json?: boolean;
  depths: number[];
  shallow: string;
  depth: number;
  network: string;
  runs: number;
}

/** Results, with rows for the terminal that only this experiment has. */
type Outcome = ExperimentOutcome & { rows?: Row[] };

type Work = (experiment: ExperimentOptions, options: ExperimentCommandOptions) => Promise<Outcome>;

const kinds = {
  degradation: (experiment, { depths }) => runDegradation({ ...experiment, depths }),
  construction: (experiment, { shallow, depth }) => runConstruction({ ...experiment, shallow, depth }),
  repeat: async (experiment, { network, runs }) => {
    const outcome = await runRepeat({ ...experiment, network, runs });
    return { ...outcome, rows: [['test error', `${outcome.testError.text}, ${outcome.meaning}`]] };
  },
} satisfies Record<string, Work>;

export type ExperimentKind = keyof typeof kinds;

/**
 * Does an experiment in its folder. It first checks and prints what is going to be trained.
 *
 * @throws as the experiment; ABORTED, with the command that resumes it
 */
export async function doExperiment(
  kind: ExperimentKind,
  options: ExperimentCommandOptions,
  context: Context,
): Promise<void> {
  const { io } = context;
  context.whenStopped = 'wait';
  const { out: folder, dataset, data, json = false } = options;
  const set = dataSet(checkName('data set', dataset, ['cifar10', 'cifar100', 'digits']));
  const named = await namedRecipe(options);
  // The sets of these names are in memory.
  const train = (await set.readTrain(data)) as ImageSet;
  const test = (await set.readTest(data)) as ImageSet;
  const recipe = changedRecipe(named ?? usualRecipe(set, train, false), options, train.count);
  const logged = json ? io.stderr : io.stdout;
  const display = new ExperimentDisplay(logged, recipe.iterations);

  await withBackend(options, io.stderr, async (backend) => {
    const experiment: ExperimentOptions = {
      ...{ folder, dataset, train, test, recipe },
      normalization: set.normalization(train),
      environment: environmentOf(backend),
      ...defined({ signal: io.signal }),
      onEvent: (event) => {
        if (event.kind === 'plan') printPlan(logged, kind, experiment, event.runs, backend);
        else display.show(event);
      },
    };
    const outcome = await whileShown(display, io, () => (kinds[kind] as Work)(experiment, options));
    if (json) printJson(io.stdout, outcome.values);
    else printOutcome(io.stdout, outcome);
  }).catch((error) => {
    throw namingResume(error, 'What was done is saved.', commandLine(context));
  });
}

function printPlan(
  stream: Output,
  kind: string,
  { folder, train, test, recipe }: ExperimentOptions,
  runs: readonly PlannedRun[],
  backend: Backend,
): void {
  const { name, iterations, batchSize } = recipe;
  const describe = ({ name, count }: ImageSet) => `${name}, ${formatCount(count)} images`;
  const budget = `${formatCount(iterations)} iterations of ${batchSize} images for each network`;
  printRows(stream, [
    ['experiment', `${kind}, ${runs.length} networks one after the other`],
    [
      'networks',
      runs.map(
        ({ name, seed, parameters, ...run }) =>
          `${name}, seed ${seed} (${describeNetwork({ ...run, parameterCount: () => parameters })})`,
      ),
    ],
    ['data', `${describe(train)}; ${describe(test)}`],
    ['recipe', `${name}: ${budget}`],
    ['', missedDrops(recipe)],
    ...backendRows(backend),
    ['folder', `${folder}, resumed if it holds a part of the experiment`],
  ]);
}

function printOutcome(stream: Output, { results, rows = [], files }: Outcome): void {
  stream.write('\n');
  printRows(stream, [
    ...results.map((result): Row => [result.name, describeResult(result)]),
    ...rows,
    ['written', files],
  ]);
}

function describeResult(result: ExperimentOutcome['results'][number]): string {
  const { trainingError, testError, lowestTestError, seconds } = result;
  return [
    `training error ${formatPercent(trainingError)}`,
    `test error ${formatPercent(testError)}`,
    `lowest ${formatPercent(lowestTestError)}`,
    `time ${formatDuration(seconds)}`,
  ].join(', ');
}
