import { join } from 'node:path';
import { type ExperimentResult, type MetricsRecord, summarizeRun } from '@resnet/train';
import { finishedRun, trainRun } from '@resnet/train/node';
import type { Network } from '@resnet/zoo';
import { loadModel } from '@resnet/zoo/node';
import { defined } from '../defined.js';
import { printLine } from '../print.js';
import { startTrainingLog } from '../training-log.js';
import { type Experiment, type ExperimentRun, networkOf } from './experiment.js';

/** A run that has come to its end. */
export interface FinishedRun {
  result: ExperimentResult;
  records: readonly MetricsRecord[];
}

/**
 * Trains the network of a run, goes on with it, or takes it as it is if it is finished.
 *
 * @param start makes the network, if it does not begin with the initial weights of its seed; it is disposed here
 */
export async function finishRun(
  experiment: Experiment,
  run: ExperimentRun,
  start: () => Promise<Network> = async () => networkOf(run, experiment.train),
): Promise<FinishedRun> {
  const { logged, recipe } = experiment;
  const folder = runFolder(experiment, run);
  const isFinished = (await finishedRun(folder, recipe.iterations)) !== undefined;
  logged.write('\n');
  printLine(logged, `${run.name}${isFinished ? ' is trained.' : ''}`);
  if (!isFinished) await train(experiment, run, await start());
  const records = (await finishedRun(folder, recipe.iterations))!;
  const parameters = parametersOf(run, experiment);
  return { result: { ...run, parameters, ...summarizeRun(records) }, records };
}

/** The network of a finished run, with its weights; owned by the caller. */
export async function trainedNetwork(experiment: Experiment, run: ExperimentRun): Promise<Network> {
  const { network } = await loadModel(join(runFolder(experiment, run), 'model.safetensors'));
  return network;
}

function runFolder({ folder }: Experiment, { name }: ExperimentRun): string {
  return join(folder, name);
}

async function train(experiment: Experiment, run: ExperimentRun, network: Network): Promise<void> {
  const { train, test, normalization, backend, logged, io } = experiment;
  const recipe = { ...experiment.recipe, seed: run.seed };
  const log = startTrainingLog(logged, recipe.iterations);
  io.signal?.addEventListener('abort', log.stop);
  try {
    await trainRun({
      folder: runFolder(experiment, run),
      ...{ network, train, test, recipe, normalization },
      resume: true,
      device: backend.device,
      ...defined({ signal: io.signal }),
      onProgress: log.progress,
      onRecord: log.record,
    });
  } finally {
    log.stop();
    io.signal?.removeEventListener('abort', log.stop);
    network.dispose();
  }
}

function parametersOf(run: ExperimentRun, { train }: Experiment): number {
  const network = networkOf(run, train);
  try {
    return network.parameterCount();
  } finally {
    network.dispose();
  }
}
