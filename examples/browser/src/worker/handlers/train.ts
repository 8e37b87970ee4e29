import { ResnetError } from '@resnet/core';
import type { Context } from '../handler.js';
import { memory } from '../training/memory.js';
import { type Plan, recipeOf } from '../training/plan.js';
import type { TrainingReport } from '../training/saved-training.js';
import { alone, removeStored } from '../training/storage.js';
import { readStoredTraining } from '../training/stored.js';
import { type TrainingNews, trainAll } from '../training/train-all.js';
import { type DataSource, readTrainingData } from '../training/training-data.js';

/** Trains new networks. Removes a stored training. When aborted, it leaves what `resumeTraining` resumes. */
export async function startTraining(
  { plan, source }: { plan: Plan; source: DataSource },
  context: Context<TrainingNews>,
): Promise<TrainingReport> {
  recipeOf(plan);
  const data = await readTrainingData(plan, source, context.signal);
  const runs = plan.kinds.map(() => ({ points: [] }));
  return alone(async () => {
    await removeStored();
    return trainAll({ plan, fingerprint: data.fingerprint, runs }, data, context);
  });
}

/**
 * Goes on with the training that was aborted, or with the one that is stored.
 *
 * @throws CHECKPOINT_INVALID if there is none; CHECKPOINT_MISMATCH if it was trained on other images
 */
export async function resumeTraining(
  { source }: { source: DataSource },
  context: Context<TrainingNews>,
): Promise<TrainingReport> {
  const { training = await readStoredTraining() } = memory;
  if (!training) throw new ResnetError('CHECKPOINT_INVALID', 'There is no training to resume.');
  const data = memory.data ?? (await readTrainingData(training.plan, source, context.signal));
  if (data.fingerprint !== training.fingerprint) {
    throw new ResnetError(
      'CHECKPOINT_MISMATCH',
      'The files hold other images than the training was on: choose the same files, or start a new training.',
    );
  }
  return alone(() => trainAll(training, data, context));
}
