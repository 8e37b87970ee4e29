import { defined } from '@resnet/core';
import type { Dataset, ImageSet } from '@resnet/data';
import { type ActivationRanges, type Model, type Network, packMetadata, quantizeWith } from '@resnet/zoo';
import { saveInt8Model, saveModel } from '@resnet/zoo/node';
import { checkFits } from '../fit/check-fits.js';
import { checkTrainable } from '../fit/check-trainable.js';
import { fit } from '../fit/fit.js';
import type { FitOptions } from '../fit/fit-options.js';
import type { FitTaskOptions } from '../fit/fit-task-options.js';
import { rangesOfRun } from '../fit/ranges-of-run.js';
import { subjectOf } from '../recipe/augmentation.js';
import type { Recipe } from '../recipe/recipe.js';
import { runFiles } from './run-files.js';
import { runSettings } from './run-settings.js';
import { type RunSubject, type RunTaskOptions, runTask } from './run-task.js';

export interface RunOptions extends RunTaskOptions, Omit<FitOptions, keyof FitTaskOptions> {
  network: Network;
  test: ImageSet | Dataset;
  recipe: Recipe;
}

export interface RunResult {
  folder: string;
  /** Paths of what was written. */
  files: string[];
  /** Share of test images misclassified at the end. */
  testError: number;
  testErrors: number;
  testCount: number;
  /** Steps taken in all. */
  iterations: number;
  /** Of this session. */
  seconds: number;
}

/**
 * Trains a network and leaves a folder with `model.safetensors`, `best.safetensors` (of the test with the lowest
 * error), `metrics.jsonl`, `curves.svg`, `report.md` and the
 * last checkpoints; with `fakeQuantization` also `int8.safetensors`, the network quantized with the ranges that it was trained with, unless
 * it has layers that are computed in float32. Whatever stops it, the last checkpoint stays valid, and `resume` continues from there with the
 * same metrics file. A run that fails before its first checkpoint leaves nothing. Files of these names that are not a run's
 * are refused, and stay.
 *
 * @throws OPTION_INVALID if the folder holds a run and `resume` was not asked for, or files of others under the names of a
 *   run's; RUN_BUSY while another process trains in it; FILE_UNWRITABLE before training
 *   if the folder can't be written or its disk has no room for the run; CHECKPOINT_MISMATCH or CHECKPOINT_INVALID
 *   when resuming; DATA_INVALID, SHAPE_MISMATCH, ABORTED and LOSS_NOT_FINITE as `fit` does
 */
export async function trainRun(options: RunOptions): Promise<RunResult> {
  checkFits(options.network, options.train, options.test);
  checkTrainable(options.network, options);
  const { folder, files, test, seconds } = await runTask(classifier(options), options);
  return {
    ...{ folder, files, seconds, iterations: test.iteration },
    ...{ testError: test.error, testErrors: Math.round(test.error * test.count), testCount: test.count },
  };
}

function classifier(options: RunOptions): RunSubject {
  const { folder, resume: _resume, onRecord: _onRecord, ...fitting } = options;
  const { network, train, test, recipe, normalization } = fitting;
  const { architecture } = network;
  const model = { ...subjectOf(network, options), normalization, classNames: train.classes };
  let ranges: ActivationRanges | undefined;
  return {
    network,
    settings: runSettings({ architecture, recipe, train, test, normalization }),
    about: { architecture, train, test },
    metadata: packMetadata(model),
    checkCheckpoint: (resume) => {
      ranges = rangesOfRun(network, { ...fitting, ...defined({ resume }) });
    },
    train: (common) => fit(network, { ...fitting, ...common, recipe }),
    saveModel: (path) => saveModel(path, model),
    saveMore: async () => {
      const path = runFiles(folder).quantized;
      return ranges && (await saveQuantized(path, model, ranges)) ? [path] : [];
    },
  };
}

/** @returns whether it was written: there is no such file of a network with layers in float32 */
async function saveQuantized(
  path: string,
  { network, ...model }: Omit<Model, 'origin'>,
  ranges: ActivationRanges,
): Promise<boolean> {
  const quantized = await quantizeWith(network, ranges);
  try {
    if (quantized.floatSteps.length > 0) return false;
    await saveInt8Model(path, { ...model, network: quantized });
    return true;
  } finally {
    quantized.dispose();
  }
}
