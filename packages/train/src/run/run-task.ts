import { existsSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import type { Module } from '@resnet/blocks';
import { defined, ResnetError } from '@resnet/core';
import { writeWholeFile } from '@resnet/files/node';
import {
  CHECKPOINTS_KEPT,
  hasCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../checkpoint/checkpoint-store.js';
import type { FitTaskOptions } from '../fit/fit-task-options.js';
import type { Checkpoint } from '../fit/training-state.js';
import type { MetricsRecord, TestRecord } from '../logging/metrics.js';
import { MetricsFile } from '../logging/metrics-file.js';
import { openTensorBoard } from '../logging/tensorboard.js';
import type { CommonRecipe } from '../recipe/common-recipe.js';
import { checkRoom } from './check-disk-space.js';
import { drawRun } from './draw-run.js';
import { formatReport, type RunDescription } from './report.js';
import { checkRunFolder, removeLeftovers, runFiles } from './run-files.js';
import { lockRun, type RunLock } from './run-lock.js';
import type { TaskSettings } from './run-settings.js';

/** The options of a run of any task. */
export interface RunTaskOptions extends Omit<FitTaskOptions, 'resume' | 'onCheckpoint' | 'onRecord'> {
  /** Where everything of the run is written. */
  folder: string;
  /** Resume from the last checkpoint in the folder, if there is one. Default false: the folder must hold no run. */
  resume?: boolean;
  /** Also writes TensorBoard's event files: of the metrics, or of the weights at each test as well. */
  tensorboard?: 'scalars' | 'histograms';
  /** For the report: a readable line that says where the run was made. */
  device?: string;
  onRecord?: (record: MetricsRecord) => void;
}

/** What a run trains and leaves: the part of a run that depends on its task. */
export interface RunSubject {
  network: Module;
  /** What must be the same for the run to resume. */
  settings: TaskSettings;
  /** For the report. */
  about: Pick<RunDescription, 'architecture' | 'train' | 'test' | 'score'>;
  /** Of the model's file in checkpoints. */
  metadata: Record<string, string>;
  /** Called before anything is written, with the checkpoint that the run resumes from. Throws CHECKPOINT_MISMATCH if it can't. */
  checkCheckpoint?(checkpoint: Checkpoint | undefined): void;
  /** Trains as `fitTask` does: `(options) => fitTask(new MyTask(…), options)`. The task must have a test. */
  train(options: FitTaskOptions): Promise<void>;
  /** Writes the network as it is; a file that is there is replaced. */
  saveModel: (path: string) => Promise<void>;
  /** Writes further files of the trained network into the run's folder. Gives their paths. */
  saveMore?(): Promise<string[]>;
}

export interface RunTaskResult {
  folder: string;
  /** Paths of what was written. */
  files: string[];
  /** At the end. */
  test: TestRecord;
  /** Of this session. */
  seconds: number;
}

/**
 * Trains a network of any task and leaves a folder as `trainRun` does: `model.safetensors`, `best.safetensors` (of the test with the
 * lowest error), `metrics.jsonl`, `curves.svg`, `report.md` and the last checkpoints. Whatever stops it, the last checkpoint stays valid,
 * and `resume` continues from there with the same metrics file. A run that fails before its first checkpoint leaves nothing. Files of these
 * names that are not a run's are refused, and stay.
 *
 * @throws OPTION_INVALID if the folder holds a run and `resume` was not asked for, or files of others under the names of a
 *   run's; RUN_BUSY while another process trains in it; FILE_UNWRITABLE before training
 *   if the folder can't be written or its disk has no room for the run; CHECKPOINT_MISMATCH or CHECKPOINT_INVALID
 *   when resuming; what the subject's training throws
 */
export async function runTask(subject: RunSubject, options: RunTaskOptions): Promise<RunTaskResult> {
  const { folder } = options;
  const isThere = existsSync(folder);
  await makeFolder(folder);
  try {
    const lock = await lockRun(folder);
    return await runLocked(subject, options, lock).finally(() => lock.release());
  } catch (error) {
    if (!isThere) await removeEmpty([runFiles(folder).checkpoints, folder]);
    throw error;
  }
}

async function runLocked(
  subject: RunSubject,
  options: RunTaskOptions,
  lock: RunLock,
): Promise<RunTaskResult> {
  const { folder, device = 'not recorded', resume: resumes = false, tensorboard, ...fitting } = options;
  const { network, settings, about } = subject;
  const { recipe } = options;
  const files = runFiles(folder);
  const { checkpoints } = files;
  await checkRunFolder(folder, resumes);
  await makeFolder(checkpoints);
  const resume = resumes ? await readCheckpoint(checkpoints, settings) : undefined;
  subject.checkCheckpoint?.(resume);
  await removeLeftovers(folder);
  await checkRoom(folder, bytesToWrite(network, recipe, resume !== undefined));
  const metrics = await MetricsFile.open(files.metrics, resume);
  const board = tensorboard && (await openTensorBoard(folder, resume?.iteration));
  const begun = [files.metrics, files.curves, files.report, files.best];
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;

  const writeReport = async () => {
    const parameters = network.parameterCount();
    const run = { ...about, recipe, parameters, device, seconds: seconds(), records: metrics.records };
    await writeWholeFile(files.curves, await drawRun(run));
    await writeWholeFile(files.report, formatReport(run));
  };

  const trained = subject.train({
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
      await subject.saveModel(files.best);
      await options.onBest?.(test);
    },
    onCheckpoint: async (checkpoint) => {
      await lock.check();
      await writeCheckpoint(checkpoints, checkpoint, settings, subject.metadata);
    },
  });
  await trained
    .finally(() => board?.close())
    .catch(async (error) => {
      // The files may be another run's by now.
      await lock.check();
      if (!(await hasCheckpoint(checkpoints))) await forget([...begun, ...(board ? [board.path] : [])]);
      throw error;
    });

  await lock.check();
  await subject.saveModel(files.model);
  const more = (await subject.saveMore?.()) ?? [];
  await writeReport();
  return {
    folder,
    files: [files.model, ...more, files.metrics, files.curves, files.report],
    test: metrics.records.findLast((record): record is TestRecord => record.kind === 'test')!,
    seconds: seconds(),
  };
}

/** Models, one of them in bytes too, checkpoints with one more while it is written, and a megabyte for the rest. */
function bytesToWrite(network: Module, recipe: CommonRecipe, isResumed: boolean): number {
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
