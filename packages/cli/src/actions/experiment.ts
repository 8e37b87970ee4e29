import type { Backend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import type { ImageSet, Normalization } from '@resnet/data';
import type { Recipe } from '@resnet/train';
import { openExperiment } from '@resnet/train/node';
import { create, type Network } from '@resnet/zoo';
import type { Context } from '../context.js';
import { formatCount } from '../format.js';
import type { Io, Output } from '../io.js';
import { printRows } from '../print.js';
import { commandLine } from '../resume-command.js';
import { backendRows } from './backend-rows.js';
import { checkName } from './check-name.js';
import { changedRecipe, namedRecipe, type RecipeOptions } from './chosen-recipe.js';
import { circumstances } from './circumstances.js';
import { dataSet } from './data-sets.js';
import { describeNetwork } from './describe-network.js';
import { missedDrops } from './describe-schedule.js';
import { usualRecipe } from './usual-recipe.js';
import { type BackendChoice, withBackend } from './with-backend.js';

/** The options that all experiments have. */
export interface ExperimentOptions extends BackendChoice, RecipeOptions {
  dataset: string;
  data?: string;
  out: string;
  json?: boolean;
}

/** One network of an experiment. */
export interface ExperimentRun {
  /** Of its folder and its curve. */
  name: string;
  network: string;
  seed: number;
}

/** What an experiment works with. */
export interface Experiment {
  folder: string;
  train: ImageSet;
  test: ImageSet;
  normalization: Normalization;
  /** That of each run but for the seed. */
  recipe: Recipe;
  backend: Backend;
  io: Io;
  json: boolean;
  /** Where progress is shown. */
  logged: Output;
}

/** An experiment as its numbers have it. */
export interface Plan {
  /** 'degradation', 'construction' or 'repeat'. */
  kind: string;
  /** Called when there is a backend. */
  runs(recipe: Recipe): ExperimentRun[] | Promise<ExperimentRun[]>;
}

/**
 * Does an experiment's work in its folder. What is going to be trained is checked and printed before.
 *
 * @throws OPTION_INVALID and UNKNOWN_NAME for what can't be; CHECKPOINT_MISMATCH if the folder is another experiment's;
 *   ABORTED, with the command that goes on
 */
export async function withExperiment(
  plan: Plan,
  options: ExperimentOptions,
  context: Context,
  work: (experiment: Experiment, runs: readonly ExperimentRun[]) => Promise<void>,
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
  const normalization = set.normalization(train);
  const logged = json ? io.stderr : io.stdout;

  await withBackend(options, io.stderr, async (backend) => {
    const experiment = { folder, train, test, normalization, recipe, backend, io, json, logged };
    const runs = await plan.runs(recipe);
    const networks = runs.map((run) => examined(run, train));
    await openExperiment(folder, numbersOf(plan, dataset, experiment, networks), circumstances(backend));
    printPlan(plan, experiment, networks);
    await work(experiment, runs);
  }).catch((error) => {
    if (!ResnetError.is(error) || error.code !== 'ABORTED') throw error;
    const message = `${error.message} What was done is saved. Go on with: ${commandLine(context)}`;
    throw new ResnetError('ABORTED', message, { cause: error });
  });
}

/** The network of a run with the initial weights of its seed; owned by the caller. */
export function networkOf({ network, seed }: ExperimentRun, train: ImageSet): Network {
  return create(network, {
    classes: train.classes.length,
    inChannels: train.channels,
    imageSize: train.height,
    seed,
  });
}

/** A run, and what its network is. create refuses those that there are not. */
function examined(run: ExperimentRun, train: ImageSet) {
  const network = networkOf(run, train);
  try {
    return { ...run, architecture: network.architecture, text: describeNetwork(network) };
  } finally {
    network.dispose();
  }
}

/** All that decides what comes out. */
function numbersOf(
  { kind }: Plan,
  dataset: string,
  { train, test, recipe }: Experiment,
  networks: readonly ReturnType<typeof examined>[],
) {
  const sizeOf = ({ name, count }: ImageSet) => ({ name, count });
  // Runs have seeds of their own.
  const { seed: _, ...numbers } = recipe;
  return {
    experiment: kind,
    runs: networks.map(({ name, architecture, seed }) => ({ name, architecture, seed })),
    data: { name: dataset, train: sizeOf(train), test: sizeOf(test) },
    recipe: numbers,
  };
}

function printPlan(
  { kind }: Plan,
  { folder, train, test, recipe, backend, logged }: Experiment,
  networks: readonly ReturnType<typeof examined>[],
): void {
  const { name, iterations, batchSize } = recipe;
  const describe = ({ name, count }: ImageSet) => `${name}, ${formatCount(count)} images`;
  const budget = `${formatCount(iterations)} iterations of ${batchSize} images for each network`;
  printRows(logged, [
    ['experiment', `${kind}, ${networks.length} networks one after the other`],
    ...networks.map(
      ({ name, seed, text }, index) =>
        [index === 0 ? 'networks' : '', `${name}, seed ${seed} (${text})`] as const,
    ),
    ['data', `${describe(train)}; ${describe(test)}`],
    ['recipe', `${name}: ${budget}`],
    ...missedDrops(recipe).map((text) => ['', text] as const),
    ...backendRows(backend),
    ['folder', `${folder}, gone on with if it holds some of it`],
  ]);
}
