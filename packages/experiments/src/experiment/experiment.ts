import type { ImageSet, Normalization } from '@resnet/data';
import type { MetricsRecord, Progress, Recipe } from '@resnet/train';
import { type Architecture, create, type Network } from '@resnet/zoo';
import { openExperiment } from './experiment-folder.js';
import type { ExperimentResult } from './report.js';

/** What all experiments take. A backend must be running. */
export interface ExperimentOptions {
  /** Everything of the experiment is kept here. It is empty or not there yet, or of this experiment, which is then resumed. */
  folder: string;
  /** The name of the data in `experiment.json`. */
  dataset: string;
  train: ImageSet;
  test: ImageSet;
  normalization: Normalization;
  /** How each network is trained. */
  recipe: Recipe;
  /** What may change results in the last digits. It is written beside them. */
  environment: { device: string; versions: Record<string, string> };
  signal?: AbortSignal;
  onEvent?: (event: ExperimentEvent) => void;
}

/** What an experiment reports while it runs. */
export type ExperimentEvent =
  /** Once, before anything is trained. */
  | { kind: 'plan'; runs: readonly PlannedRun[] }
  /** A run starts or is resumed; or it is trained already, and is taken as it is. */
  | { kind: 'run'; run: ExperimentRun; isTrained: boolean }
  /** Of that run, as `fit` reports it. */
  | { kind: 'progress'; progress: Progress }
  | { kind: 'record'; record: MetricsRecord }
  /** A network is going to be evaluated on the training images. */
  | { kind: 'evaluation'; name: string; total: number }
  /** Of that evaluation: images done. */
  | { kind: 'evaluated'; count: number }
  /** A result before the end: a sentence. */
  | { kind: 'finding'; text: string };

/** One network of an experiment. */
export interface ExperimentRun {
  /** Of its folder and its curve. */
  name: string;
  /** In the registry. */
  network: string;
  seed: number;
}

/** A run with what its network is. */
export interface PlannedRun extends ExperimentRun, Pick<Network, 'inputShape'> {
  architecture: Architecture;
  /** Learned values. */
  parameters: number;
}

/** The results of an experiment. */
export interface ExperimentOutcome {
  results: readonly ExperimentResult[];
  /** What `results.json` holds. */
  values: object;
  /** Paths of what was written about all runs together. */
  files: readonly string[];
}

/**
 * Makes the folder that of the experiment, or checks that it is, and reports what is going to be trained.
 *
 * @param kind 'degradation', 'construction' or 'repeat'
 * @throws UNKNOWN_NAME or OPTION_INVALID for an unknown network; as `openExperiment`
 */
export async function beginExperiment(
  kind: string,
  runs: readonly ExperimentRun[],
  options: ExperimentOptions,
): Promise<void> {
  const { folder, dataset, train, test, recipe, environment, onEvent } = options;
  const planned = runs.map((run) => plannedRun(run, train));
  const sizeOf = ({ name, count }: ImageSet) => ({ name, count });
  // Each run has its seed.
  const { seed: _, ...numbers } = recipe;
  const settings = {
    experiment: kind,
    runs: planned.map(({ name, architecture, seed }) => ({ name, architecture, seed })),
    data: { name: dataset, train: sizeOf(train), test: sizeOf(test) },
    recipe: numbers,
  };
  await openExperiment(folder, settings, environment);
  onEvent?.({ kind: 'plan', runs: planned });
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

/** A run with what its network is. @throws UNKNOWN_NAME or OPTION_INVALID as `create` */
export function plannedRun(run: ExperimentRun, train: ImageSet): PlannedRun {
  const network = networkOf(run, train);
  try {
    const { architecture, inputShape } = network;
    return { ...run, architecture, inputShape, parameters: network.parameterCount() };
  } finally {
    network.dispose();
  }
}
