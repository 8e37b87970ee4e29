import { ResnetError } from '@resnet/core';
import { fit } from '@resnet/train';
import { create } from '@resnet/zoo';
import type { Context } from '../handler.js';
import { encodeTraining } from './checkpoint-file.js';
import { disposeModels, memory } from './memory.js';
import { CHECKPOINT_EVERY, networkName, recipeOf, recordEvery, testEvery, titleOf } from './plan.js';
import { type Point, reportOf, type SavedTraining, type TrainingReport } from './saved-training.js';
import { store } from './storage.js';
import type { TrainingData } from './training-data.js';
import { Turns } from './turns.js';

/** What the page hears during a training. */
export type TrainingNews =
  | { kind: 'started'; report: TrainingReport }
  | { kind: 'step'; run: number; iteration: number; imagesPerSecond: number; secondsLeft: number }
  | { kind: 'point'; run: number; point: Point }
  | { kind: 'not stored'; message: string };

/**
 * Trains the networks of a plan from where they were: one, or two that take turns of a few steps. If one fails, the other
 * continues. When this ends, the networks stay in memory.
 *
 * @throws what `fit` does, the network's name before its message; ABORTED after a last checkpoint
 */
export async function trainAll(
  training: SavedTraining,
  data: TrainingData,
  { report, signal }: Context<TrainingNews>,
): Promise<TrainingReport> {
  const { plan, runs } = training;
  const { train, test, normalization } = data;
  const recipe = recipeOf(plan);
  disposeModels();
  Object.assign(memory, { training, data });
  for (const kind of plan.kinds) {
    const network = create(networkName(kind, plan.depth), {
      classes: train.classes.length,
      inChannels: train.channels,
      seed: plan.seed,
    });
    memory.models.push({ network, normalization, classNames: train.classes });
  }
  report({ kind: 'started', report: reportOf(training) });

  const save = storage((message) => report({ kind: 'not stored', message }));
  const turns = new Turns();
  const trainOne = async (run: number): Promise<void> => {
    const saved = runs[run]!;
    const points = [...saved.points];
    await turns.begin();
    try {
      await fit(memory.models[run]!.network, {
        ...{ train, test, recipe, normalization, signal },
        ...{ recordEvery: recordEvery(plan), testEvery: testEvery(plan), checkpointEvery: CHECKPOINT_EVERY },
        ...(saved.checkpoint ? { resume: saved.checkpoint } : {}),
        onProgress: ({ iteration, imagesPerSecond, secondsLeft }) =>
          report({ kind: 'step', run, iteration, imagesPerSecond, secondsLeft }),
        onRecord: async ({ kind, iteration, loss, error }) => {
          const point: Point = { kind, iteration, loss: loss!, error };
          points.push(point);
          report({ kind: 'point', run, point });
          if (kind === 'train') await turns.pass();
        },
        onCheckpoint: async (checkpoint) => {
          Object.assign(saved, { checkpoint, points: [...points] });
          await save(training);
        },
      });
    } finally {
      turns.end();
    }
  };

  const ends = await Promise.allSettled(runs.map((_, run) => trainOne(run)));
  const failures = ends.flatMap((end, run) =>
    end.status === 'rejected' ? [{ reason: end.reason, run }] : [],
  );
  const failure = failures.find(({ reason }) => reason.code !== 'ABORTED') ?? failures[0];
  if (failure) {
    const { reason: cause, run } = failure;
    if (!ResnetError.is(cause)) throw cause;
    const title = titleOf(plan.kinds[run]!, plan.depth);
    throw new ResnetError(cause.code, `${title}: ${cause.message}`, { cause });
  }
  return reportOf({ ...training, runs });
}

/** Stores trainings until that fails once. */
function storage(onFailure: (message: string) => void): (training: SavedTraining) => Promise<void> {
  let isWorking = true;
  return async (training) => {
    if (!isWorking) return;
    try {
      await store(encodeTraining(training));
    } catch (error) {
      isWorking = false;
      onFailure((error as Error).message);
    }
  };
}
