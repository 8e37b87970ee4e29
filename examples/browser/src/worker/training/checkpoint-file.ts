import { ResnetError } from '@resnet/core';
import type { Checkpoint } from '@resnet/train';
import { readSafetensors, writeSafetensors } from '@resnet/zoo';
import type { SavedRun, SavedTraining } from './saved-training.js';

type Tensors = Checkpoint['network'];
type State = Omit<Checkpoint, 'network' | 'optimizer' | 'averages'>;

/** What the file says besides its tensors. The version changes with the fields. */
interface Description extends Pick<SavedTraining, 'plan' | 'fingerprint'> {
  version: 1;
  runs: { points: SavedRun['points']; state?: State }[];
}

/** A training as one safetensors file, so that all of it is stored or nothing. */
export function encodeTraining({ plan, fingerprint, runs }: SavedTraining): Uint8Array {
  const tensors: Tensors = new Map();
  const description: Description = { version: 1, plan, fingerprint, runs: [] };
  for (const [index, { checkpoint, points }] of runs.entries()) {
    if (!checkpoint) {
      description.runs.push({ points });
      continue;
    }
    const { network, optimizer, averages: _, ...state } = checkpoint;
    for (const [name, tensor] of network) tensors.set(`${index}.network.${name}`, tensor);
    for (const [name, tensor] of optimizer) tensors.set(`${index}.optimizer.${name}`, tensor);
    description.runs.push({ points, state });
  }
  return writeSafetensors(tensors, { training: JSON.stringify(description) });
}

/** @throws CHECKPOINT_INVALID if the bytes are not a training, or are of another version of the page */
export function decodeTraining(bytes: Uint8Array): SavedTraining {
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    const { version, plan, fingerprint, runs } = JSON.parse(metadata.training ?? '{}') as Description;
    if (version !== 1) throw new Error('it is of another version of this page');
    const under = (prefix: string): Tensors =>
      new Map(
        [...tensors]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
      );
    return {
      plan,
      fingerprint,
      runs: runs.map(({ points, state }, index) => {
        if (!state) return { points };
        const [network, optimizer] = [under(`${index}.network.`), under(`${index}.optimizer.`)];
        return { points, checkpoint: { ...state, network, optimizer } };
      }),
    };
  } catch (cause) {
    const message = `The stored training can’t be read: ${(cause as Error).message}`;
    throw new ResnetError('CHECKPOINT_INVALID', message, { cause });
  }
}
