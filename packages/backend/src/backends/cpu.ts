import * as tf from '@tensorflow/tfjs-core';
import { processorName } from '#backend-platform';
import type { StartedBackend } from '../backend.js';
import { withoutAdvertisement } from '../patches/cpu-advertisement.js';
import { bringUp, MissingPackage, tensorMemory } from './starting.js';

/** Plain JavaScript: slow, and works everywhere. */
export async function startCpuBackend(): Promise<StartedBackend> {
  try {
    await import('@tensorflow/tfjs-backend-cpu');
  } catch (cause) {
    throw new MissingPackage(cause);
  }
  await bringUp('cpu', 'cpu', tf.findBackendFactory('cpu'));
  withoutAdvertisement(tf.backend());
  return {
    name: 'cpu',
    device: `plain JavaScript on ${processorName()}`,
    threads: 1,
    features: [],
    warnings: [],
    memory: tensorMemory,
  };
}
