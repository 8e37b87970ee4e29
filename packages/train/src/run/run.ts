import { existsSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { drawCurves } from '@resnet/charts';
import { defined, ResnetError } from '@resnet/core';
import type { Dataset, ImageSet } from '@resnet/data';
import { writeWholeFile } from '@resnet/files/node';
import { type ActivationRanges, type Model, type Network, packMetadata, quantizeWith } from '@resnet/zoo';
import { saveInt8Model, saveModel } from '@resnet/zoo/node';
import {
  CHECKPOINTS_KEPT,
  hasCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../checkpoint/checkpoint-store.js';
import { checkFits } from '../fit/check-fits.js';
import { checkTrainable } from '../fit/check-trainable.js';
import { fit } from '../fit/fit.js';
import type { FitOptions } from '../fit/fit-options.js';
import { rangesOfRun } from '../fit/ranges-of-run.js';
import type { MetricsRecord, TestRecord } from '../logging/metrics.js';
import { MetricsFile } from '../logging/metrics-file.js';
import { openTensorBoard } from '../logging/tensorboard.js';
import { subjectOf } from '../recipe/augmentation.js';
import type { Recipe } from '../recipe/recipe.js';
import { checkRoom } from './check-disk-space.js';
import { formatReport } from './report.js';
import { checkRunFolder, removeLeftovers, runFiles } from './run-files.js';
import { lockRun, type RunLock } from './run-lock.js';
import { runSettings } from './run-settings.js';

export interface RunOptions extends Omit<FitOptions, 'resume' | 'onCheckpoint' | 'onRecord'> {
  /** Where everything of the run is written. */
  folder: string;
  network: Network;
  test: ImageSet | Dataset;
  /** Resume from the last checkpoint in the folder, if there is one. Default false: the folder must hold no run. */
  resume?: boolean;
  /** Also writes TensorBoard's event files: of the metrics, or of the weights at each test as well. */
  tensorboard?: 'scalars' | 'histograms';
  /** For the report: a readable line that says where the run was made. */
  device?: string;
  onRecord?: (record: MetricsRecord) => void;
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
  const { folder } = options;
  checkFits(options.network, options.train, options.test);
  checkTrainable(options.network, options);
  const isThere = existsSync(folder);
  await makeFolder(folder);
  try {
    const lock = await lockRun(folder);
    return await runLocked(options, lock).finally(() => lock.release());
  } catch (error) {
    if (!isThere) await removeEmpty([runFiles(folder).checkpoints, folder]);
    throw error;
  }
}

async function runLocked(options: RunOptions, lock: RunLock): Promise<RunResult> {
  const { folder, device = 'not recorded', resume: resumes = false, ...fitting } = options;
  const { network, train, test, recipe, normalization } = fitting;
  const files = runFiles(folder);
  const { checkpoints } = files;
  await checkRunFolder(folder, resumes);
  await makeFolder(checkpoints);
  const about = { architecture: network.architecture, recipe, train, test };
  const settings = runSettings({ ...about, normalization });
  const model = { ...subjectOf(network, options), normalization, classNames: train.classes };
  const resume = resumes ? await readCheckpoint(checkpoints, settings) : undefined;
  const ranges = rangesOfRun(network, { ...fitting, ...defined({ resume }) });
  await removeLeftovers(folder);
  await checkRoom(folder, bytesToWrite(network, recipe, resume !== undefined));
  const metrics = await MetricsFile.open(files.metrics, resume);
  const { tensorboard } = options;
  const board = tensorboard && (await openTensorBoard(folder, resume?.iteration));
  const begun = [files.metrics, files.curves, files.report, files.best];
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;

  const writeReport = async () => {
    const parameters = network.parameterCount();
    const run = { ...about, parameters, device, seconds: seconds(), records: metrics.records };
    const label = network.architecture.name;
    const title = `${label}, trained on ${train.name}, tested on ${test.name}`;
    await writeWholeFile(files.curves, await drawCurves(title, [{ label, records: metrics.records }]));
    await writeWholeFile(files.report, formatReport(run));
  };

  const fitted = fit(network, {
    ...fitting,
    ...defined({ resume }),
    onRecord: async (record) => {
      await lock.check();
      await metrics.append(record);
      await board?.record(record);
      if (record.kind === 'test') {
        await writeReport();
        if (tensorboard === 'histograms')
          await board?.histograms(record.iteration, await network.stateDict());
      }
      options.onRecord?.(record);
    },
    onBest: async (test) => {
      await lock.check();
      await saveModel(files.best, model);
      await options.onBest?.(test);
    },
    onCheckpoint: async (checkpoint) => {
      await lock.check();
      await writeCheckpoint(checkpoints, checkpoint, settings, packMetadata(model));
    },
  });
  await fitted
    .finally(() => board?.close())
    .catch(async (error) => {
      // The files may be another run's by now.
      await lock.check();
      if (!(await hasCheckpoint(checkpoints))) await forget([...begun, ...(board ? [board.path] : [])]);
      throw error;
    });

  await lock.check();
  await saveModel(files.model, model);
  const quantized = ranges && (await saveQuantized(files.quantized, model, ranges)) ? [files.quantized] : [];
  await writeReport();
  const last = metrics.records.findLast((record): record is TestRecord => record.kind === 'test')!;
  return {
    folder,
    files: [files.model, ...quantized, files.metrics, files.curves, files.report],
    testError: last.error,
    testErrors: Math.round(last.error * last.count),
    testCount: last.count,
    iterations: last.iteration,
    seconds: seconds(),
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

/** Models, one of them in bytes too, checkpoints with one more while it is written, and a megabyte for the rest. */
function bytesToWrite(network: Network, recipe: Recipe, isResumed: boolean): number {
  const model = 4 * network.parameterCount();
  const checkpoint = model * (recipe.averaging === null ? 2 : 3);
  return 2.25 * model + checkpoint * (isResumed ? 1 : CHECKPOINTS_KEPT + 1) + 1e6;
}

/** Removes the files of a failed run. What can't be removed does no harm: the next run replaces it. */
async function forget(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true }).catch(() => {});
}

async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => {});
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: Error) => {
    const message = `Can't make the folder ${folder}: ${cause.message}`;
    throw new ResnetError('FILE_UNWRITABLE', message, { cause });
  });
}
