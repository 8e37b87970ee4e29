import { decodeTraining } from './checkpoint-file.js';
import type { SavedTraining } from './saved-training.js';
import { readStored, removeStored } from './storage.js';

/** The training that is stored, if one is. @throws CHECKPOINT_INVALID if it can't be read; it is removed then */
export async function readStoredTraining(): Promise<SavedTraining | undefined> {
  const bytes = await readStored();
  if (!bytes) return undefined;
  try {
    return decodeTraining(bytes);
  } catch (error) {
    await removeStored();
    throw error;
  }
}
