import * as tf from '@tensorflow/tfjs-core';
import { processorName } from '#platform';
import type { StartedBackend } from '../backend.js';
import { packageMissing, startOrThrow, stop, tensorMemory } from './starting.js';

/** Plain JavaScript: slow, and works everywhere. */
export async function startCpuBackend(): Promise<StartedBackend> {
  try {
    await import('@tensorflow/tfjs-backend-cpu');
  } catch (cause) {
    throw packageMissing('cpu', '@tensorflow/tfjs-backend-cpu', cause);
  }
  await startOrThrow('cpu', () => tf.setBackend('cpu'));
  // The backend prints an advertisement for tfjs-node at its first write.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return {
    name: 'cpu',
    device: `plain JavaScript on ${processorName()}`,
    threads: 1,
    features: [],
    memory: tensorMemory,
    dispose: () => stop('cpu'),
  };
}
