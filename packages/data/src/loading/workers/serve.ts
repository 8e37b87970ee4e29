import { ResnetError } from '@resnet/core';
import type { Image } from '../../images/image.js';
import type { Mixing } from '../../transforms/mixing.js';
import { remake } from '../../transforms/remake.js';
import type { Transform } from '../../transforms/transform.js';
import { makeBatch } from '../make-batch.js';
import type { Admit } from '../read-ahead.js';
import type { BatchJob, SentError, WorkerReply, WorkerSetup } from './messages.js';

/**
 * Makes batches in a worker.
 *
 * @param decode an image file, given by its path or its bytes and their name
 * @returns a function that answers a job, with the buffers of the answer that can be moved instead of copied
 */
export function serveBatches(
  setup: WorkerSetup,
  decode: (input: string | Uint8Array, name: string, admit?: Admit) => Promise<Image>,
): (job: BatchJob) => Promise<{ reply: WorkerReply; moved: ArrayBuffer[] }> {
  const steps = Promise.all([
    setup.transform && (remake(setup.transform) as Promise<Transform>),
    setup.mixing && (remake(setup.mixing) as Promise<Mixing>),
  ]);
  // If this fails, every job is answered with the error.
  steps.catch(() => {});
  return async ({ plan, inputs, names }) => {
    try {
      const [transform, mixing] = await steps;
      const imageOf = async (slot: number, admit?: Admit) => {
        const input = inputs[slot]!;
        if (typeof input === 'string') return decode(input, input, admit);
        return input instanceof Uint8Array ? decode(input, names[slot]!, admit) : input;
      };
      const { batch, broken } = await makeBatch(plan, imageOf, {
        transform,
        mixing,
        skipsBroken: setup.skipsBroken,
      });
      return {
        reply: { batch, broken: broken.map(({ index, error }) => ({ index, error: sent(error) })) },
        moved: batch ? [batch.images.buffer as ArrayBuffer] : [],
      };
    } catch (error) {
      return { reply: { error: sent(error) }, moved: [] };
    }
  };
}

function sent(error: unknown): SentError {
  const code = ResnetError.is(error) ? error.code : undefined;
  return { code, message: error instanceof Error ? error.message : String(error) };
}
