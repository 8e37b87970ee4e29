import { ResnetError } from '@resnet/core';
import type { ActivationRanges, Network } from '@resnet/zoo';
import type { FitOptions } from './fit-options.js';

/**
 * The ranges that a run is trained with, where it is with fake quantization: those of its checkpoint, which may have been found
 * on another machine, or those that are given.
 *
 * @throws CHECKPOINT_MISMATCH if only one of the checkpoint and the run is with fake quantization
 */
export function rangesOfRun(
  network: Network,
  { fakeQuantization = network.fakeQuantization, resume }: Pick<FitOptions, 'fakeQuantization' | 'resume'>,
): ActivationRanges | undefined {
  if (!resume) return fakeQuantization;
  const { ranges } = resume;
  if (ranges !== undefined && fakeQuantization === undefined) throw mismatch('with', 'without');
  if (ranges === undefined && fakeQuantization !== undefined) throw mismatch('without', 'with');
  return ranges;
}

function mismatch(found: string, expected: string): ResnetError {
  return new ResnetError(
    'CHECKPOINT_MISMATCH',
    `The checkpoint is of a run ${found} fake quantization, but is to be resumed ${expected}. Resume it ${found}, or start another run.`,
  );
}
