import { join } from 'node:path';
import { drawCurves } from '@resnet/charts';
import { defined, formatCount, formatPercent } from '@resnet/core';
import { evaluate } from '@resnet/eval';
import { readRegularText, writeWholeFile } from '@resnet/files/node';
import { create, deepen, type Network } from '@resnet/zoo';
import {
  beginExperiment,
  type ExperimentOptions,
  type ExperimentOutcome,
  type ExperimentRun,
} from './experiment.js';
import { finishRun, trainedNetwork } from './finish-run.js';
import { writeResults } from './write-results.js';

export interface ConstructionOptions extends ExperimentOptions {
  /** The network to start from, by its name in the registry. */
  shallow: string;
  /** Of the deeper networks. */
  depth: number;
}

/** The errors of a network on the training images without augmentation, in inference mode. */
export interface TrainingError {
  name: string;
  count: number;
  errors: number;
  loss: number;
}

/** The errors of the shallow network and of the one constructed from it, before that is trained. */
export interface ConstructionStart {
  shallow: TrainingError;
  constructed: TrainingError;
}

export interface ConstructionOutcome extends ExperimentOutcome {
  start: ConstructionStart;
}

/**
 * The solution by construction of the paper's Section 1: a deeper network that starts as a trained shallow one with added
 * identities is trained, and so is one of the same depth that starts as usual.
 *
 * @throws UNKNOWN_NAME or OPTION_INVALID for unknown networks; as `openExperiment` and `trainRun`. After ABORTED the
 *   same call resumes
 */
export async function runConstruction(options: ConstructionOptions): Promise<ConstructionOutcome> {
  const { shallow: shallowName, depth, dataset, recipe, onEvent } = options;
  const { seed } = recipe;
  const deepName = await deeperName(shallowName, depth);
  const shallow = { name: shallowName, network: shallowName, seed };
  const constructed = { name: `${deepName}-constructed`, network: deepName, seed };
  const fromScratch = { name: `${deepName}-from-scratch`, network: deepName, seed };
  await beginExperiment('construction', [shallow, constructed, fromScratch], options);
  const construct = async () => deepenAndDispose(await trainedNetwork(options, shallow), depth);
  const finished = [await finishRun(options, shallow)];
  const start = await startOf(options, { shallow, constructed }, construct);
  onEvent?.({ kind: 'finding', text: describe(start) });
  finished.push(await finishRun(options, constructed, construct));
  finished.push(await finishRun(options, fromScratch));
  const curves = finished.map(({ result, records }) => ({ label: result.name, records }));
  const outcome = await writeResults(options, {
    title: `${deepName} constructed from ${shallowName}, on ${dataset}`,
    results: finished.map(({ result }) => result),
    picture: { name: 'construction.svg', svg: await drawCurves('Solution by construction', curves) },
    findings: { paragraphs: [describe(start)], values: { start } },
  });
  return { ...outcome, start };
}

/** The name of the deeper network. It is built to check that there is such a network. */
async function deeperName(shallowName: string, depth: number): Promise<string> {
  const deeper = await deepenAndDispose(create(shallowName, { initialize: false }), depth);
  deeper.dispose();
  return deeper.architecture.name;
}

/** @param network is disposed */
async function deepenAndDispose(network: Network, depth: number): Promise<Network> {
  return deepen(network, depth).finally(() => network.dispose());
}

/** From the file of an interrupted experiment, or evaluated now. */
async function startOf(
  options: ExperimentOptions,
  { shallow, constructed }: { shallow: ExperimentRun; constructed: ExperimentRun },
  construct: () => Promise<Network>,
): Promise<ConstructionStart> {
  const path = join(options.folder, 'start.json');
  const found = await readRegularText(path, 2 ** 20)
    .then((text): ConstructionStart => JSON.parse(text))
    .catch(() => undefined);
  if (found) return found;
  const start = {
    shallow: await trainingError(options, shallow.name, await trainedNetwork(options, shallow)),
    constructed: await trainingError(options, constructed.name, await construct()),
  };
  await writeWholeFile(path, `${JSON.stringify(start, null, 2)}\n`);
  return start;
}

/** Disposes the network. */
async function trainingError(
  { train, normalization, signal, onEvent }: ExperimentOptions,
  name: string,
  network: Network,
): Promise<TrainingError> {
  onEvent?.({ kind: 'evaluation', name, total: train.count });
  try {
    const { count, top1Errors, loss } = await evaluate(network, train, {
      normalization,
      ...defined({ signal }),
      onProgress: ({ count }) => onEvent?.({ kind: 'evaluated', count }),
    });
    return { name, count, errors: top1Errors, loss };
  } finally {
    network.dispose();
  }
}

function describe({ shallow, constructed }: ConstructionStart): string {
  const text = ({ name, count, errors, loss }: TrainingError) =>
    `${name} has a training error of ${formatPercent(errors / count)}, ${formatCount(errors)} of ${formatCount(count)} images, and a loss of ${loss.toFixed(6)}`;
  const difference = Math.abs(constructed.errors - shallow.errors);
  const verdict = difference === 0 ? 'the same error' : `${formatCount(difference)} images apart`;
  return `Where training of it starts, in inference mode: ${text(shallow)}; ${text(constructed)}: ${verdict}.`;
}
