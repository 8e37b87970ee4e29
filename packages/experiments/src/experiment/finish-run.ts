import { join } from 'node:path';
import { defined } from '@resnet/core';
import { type MetricsRecord, summarizeRun } from '@resnet/train';
import { finishedRun, trainRun } from '@resnet/train/node';
import type { Network } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import { type ExperimentOptions, type ExperimentRun, networkOf, plannedRun } from './experiment.js';
import type { ExperimentResult } from './report.js';

/** A finished run. */
export interface FinishedRun {
  result: ExperimentResult;
  records: readonly MetricsRecord[];
}

/**
 * Trains the network of a run, resumes its training, or takes it as it is if it is finished.
 *
 * @param start makes the network; default: with the initial weights of the run's seed. It is disposed here
 */
export async function finishRun(
  options: ExperimentOptions,
  run: ExperimentRun,
  start: () => Promise<Network> = async () => networkOf(run, options.train),
): Promise<FinishedRun> {
  const { recipe, onEvent } = options;
  const folder = runFolder(options, run);
  const isTrained = (await finishedRun(folder, recipe.iterations)) !== undefined;
  onEvent?.({ kind: 'run', run, isTrained });
  if (!isTrained) await train(options, run, await start());
  const records = (await finishedRun(folder, recipe.iterations))!;
  const { parameters } = plannedRun(run, options.train);
  return { result: { ...run, parameters, ...summarizeRun(records) }, records };
}

/** The network of a finished run, with its weights; owned by the caller. */
export async function trainedNetwork(options: ExperimentOptions, run: ExperimentRun): Promise<Network> {
  const { network } = await loadModel(join(runFolder(options, run), 'model.safetensors'));
  return network;
}

function runFolder({ folder }: ExperimentOptions, { name }: ExperimentRun): string {
  return join(folder, name);
}

async function train(options: ExperimentOptions, run: ExperimentRun, network: Network): Promise<void> {
  const { train, test, normalization, environment, signal, onEvent } = options;
  const recipe = { ...options.recipe, seed: run.seed };
  try {
    await trainRun({
      folder: runFolder(options, run),
      ...{ network, train, test, recipe, normalization },
      resume: true,
      device: environment.device,
      ...defined({ signal }),
      onProgress: (progress) => onEvent?.({ kind: 'progress', progress }),
      onRecord: (record) => onEvent?.({ kind: 'record', record }),
    });
  } finally {
    network.dispose();
  }
}
