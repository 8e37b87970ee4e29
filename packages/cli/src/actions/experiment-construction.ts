import { join } from 'node:path';
import { drawCurves } from '@resnet/charts';
import { evaluate } from '@resnet/eval';
import { readRegularText, writeWholeFile } from '@resnet/files/node';
import { create, deepen, type Network } from '@resnet/zoo';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { formatCount, formatPercent } from '../format.js';
import { startBar } from '../progress-bar.js';
import { type Experiment, type ExperimentOptions, type ExperimentRun, withExperiment } from './experiment.js';
import { reportResults } from './experiment-results.js';
import { finishRun, trainedNetwork } from './experiment-run.js';

export interface ConstructionOptions extends ExperimentOptions {
  shallow: string;
  depth: number;
}

/** What a network gets wrong of the training images as they are, in inference mode. */
interface TrainingError {
  name: string;
  count: number;
  errors: number;
  loss: number;
}

/** The shallow network and the one that is constructed from it, before that is trained on. */
interface Start {
  shallow: TrainingError;
  constructed: TrainingError;
}

/**
 * The solution by construction of the paper's Section 1: a deeper network that begins as a trained shallow one and added
 * identities, trained on beside one of the same depth that begins as usual.
 */
export async function construction(options: ConstructionOptions, context: Context): Promise<void> {
  const { shallow: shallowName, depth } = options;
  const plan = {
    kind: 'construction',
    runs: async ({ seed }: { seed: number }) => {
      const deepName = await deeperName(shallowName, depth);
      return [
        { name: shallowName, network: shallowName, seed },
        { name: `${deepName}-constructed`, network: deepName, seed },
        { name: `${deepName}-from-scratch`, network: deepName, seed },
      ];
    },
  };
  await withExperiment(plan, options, context, async (experiment, runs) => {
    const [shallow, constructed, fromScratch] = runs as [ExperimentRun, ExperimentRun, ExperimentRun];
    const construct = async () => {
      const network = await trainedNetwork(experiment, shallow);
      try {
        return await deepen(network, depth);
      } finally {
        network.dispose();
      }
    };
    const finished = [await finishRun(experiment, shallow)];
    const start = await startOf(experiment, { shallow, constructed }, construct);
    experiment.logged.write(`\n${describe(start)}\n`);
    finished.push(await finishRun(experiment, constructed, construct));
    finished.push(await finishRun(experiment, fromScratch));
    const curves = finished.map(({ result, records }) => ({ label: result.name, records }));
    await reportResults(experiment, {
      title: `${fromScratch.network} constructed from ${shallowName}, on ${options.dataset}`,
      results: finished.map(({ result }) => result),
      picture: { name: 'construction.svg', svg: await drawCurves('Solution by construction', curves) },
      findings: { paragraphs: [describe(start)], rows: [], values: { start } },
    });
  });
}

/** The name of the deeper network. It is built for that, as this also tells whether there is such a network. */
async function deeperName(shallowName: string, depth: number): Promise<string> {
  const shallow = create(shallowName, { initialize: false });
  try {
    const deeper = await deepen(shallow, depth);
    deeper.dispose();
    return deeper.architecture.name;
  } finally {
    shallow.dispose();
  }
}

/** As an interrupted experiment left it, or evaluated now. */
async function startOf(
  experiment: Experiment,
  { shallow, constructed }: { shallow: ExperimentRun; constructed: ExperimentRun },
  construct: () => Promise<Network>,
): Promise<Start> {
  const path = join(experiment.folder, 'start.json');
  const found = await readRegularText(path, 2 ** 20)
    .then((text): Start => JSON.parse(text))
    .catch(() => undefined);
  if (found) return found;
  const start = {
    shallow: await trainingError(experiment, shallow.name, await trainedNetwork(experiment, shallow)),
    constructed: await trainingError(experiment, constructed.name, await construct()),
  };
  await writeWholeFile(path, `${JSON.stringify(start, null, 2)}\n`);
  return start;
}

/** Disposes the network. */
async function trainingError(
  { train, normalization, logged, io }: Experiment,
  name: string,
  network: Network,
): Promise<TrainingError> {
  logged.write(`\n${name} on the training images, in inference mode\n`);
  const bar = startBar(logged, train.count);
  io.signal?.addEventListener('abort', bar.stop);
  try {
    const { count, top1Errors, loss } = await evaluate(network, train, {
      normalization,
      ...defined({ signal: io.signal }),
      onProgress: ({ count }) => bar.update(count, 'images'),
    });
    return { name, count, errors: top1Errors, loss };
  } finally {
    bar.stop();
    io.signal?.removeEventListener('abort', bar.stop);
    network.dispose();
  }
}

function describe({ shallow, constructed }: Start): string {
  const text = ({ name, count, errors, loss }: TrainingError) =>
    `${name} has a training error of ${formatPercent(errors / count)}, ${formatCount(errors)} of ${formatCount(count)} images, and a loss of ${loss.toFixed(6)}`;
  const difference = Math.abs(constructed.errors - shallow.errors);
  const verdict = difference === 0 ? 'the same error' : `${formatCount(difference)} images apart`;
  return `Where training of it starts, in inference mode: ${text(shallow)}; ${text(constructed)}: ${verdict}.`;
}
