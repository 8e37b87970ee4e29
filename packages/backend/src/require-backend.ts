import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { reasonOf } from './backends/starting.js';

/** @throws BACKEND_MISSING if no backend runs, nor one that tfjs could start at once */
export function requireBackend(): void {
  try {
    tf.backend();
  } catch (cause) {
    const message = `No backend runs, which tensors need. Start one first: await useBackend(). (${reasonOf(cause)})`;
    throw new ResnetError('BACKEND_MISSING', message, { cause });
  }
}
