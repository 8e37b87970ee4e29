import { memory } from '../training/memory.js';
import { reportOf, type TrainingReport } from '../training/saved-training.js';
import { removeStored } from '../training/storage.js';
import { readStoredTraining } from '../training/stored.js';

/** The training that is stored, if one is. @throws CHECKPOINT_INVALID if it can't be read; it is removed then */
export async function storedTraining(_: Record<never, never>): Promise<TrainingReport | undefined> {
  const training = await readStoredTraining();
  return training && reportOf(training);
}

/** Discards the training that could be resumed. The networks stay. */
export async function endTraining(_: Record<never, never>): Promise<void> {
  delete memory.training;
  delete memory.data;
  await removeStored();
}
