import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend';

// Temporary names are those of `writeCheckpoint` and of write-file-atomic, which ends them with a random number.
// A shorter number could be a copy that somebody keeps.
const ofRun = /^(model\.safetensors|best\.safetensors|metrics\.jsonl|curves\.svg|report\.md)\.\d{6,10}$/;
const ofCheckpoints = /^\.\d{8,}\.tmp$/;

/**
 * Removes what a run that was killed has left half written in its folder.
 *
 * @param folder of the run
 * @param checkpoints the folder of its checkpoints
 * @throws FILE_UNWRITABLE
 */
export async function removeLeftovers(folder: string, checkpoints: string): Promise<void> {
  try {
    for (const [parent, pattern] of [[folder, ofRun] as const, [checkpoints, ofCheckpoints] as const]) {
      for (const name of await readdir(parent)) {
        if (pattern.test(name)) await rm(join(parent, name), { recursive: true, force: true });
      }
    }
  } catch (cause) {
    const message = `Can't tidy up the run in ${folder}: ${(cause as Error).message}`;
    throw new ResnetError('FILE_UNWRITABLE', message, { cause });
  }
}
