import * as tf from '@tensorflow/tfjs-core';
import { ResnetError } from '../error.js';

/** The error of a backend whose npm packages, named as npm is told them, can't be loaded. */
export function packageMissing(backend: string, packages: string, cause: unknown): ResnetError {
  const message = `The ${backend} backend needs npm packages that can't be loaded: npm install ${packages}. ${reasonOf(cause)}`;
  return new ResnetError('BACKEND_MISSING', message, { cause });
}

/**
 * The backend that was current stays so if the start fails.
 *
 * @param start gives false where tfjs has printed what went wrong
 * @throws BACKEND_FAILED if it fails or gives false
 */
export async function startOrThrow(backend: string, start: () => Promise<boolean>): Promise<void> {
  const before = tf.getBackend();
  try {
    if (!(await start())) throw new Error('tfjs printed the reason above.');
  } catch (cause) {
    if (before && isRunning(before)) await tf.setBackend(before);
    if (ResnetError.is(cause)) throw cause;
    const message = `The ${backend} backend could not start: ${reasonOf(cause)}`;
    throw new ResnetError('BACKEND_FAILED', message, { cause });
  }
}

/** The first line of what an error says: Node adds the files that asked for a module. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n', 1)[0]!;
}

/** The memory of a backend that has nothing to tell but its tensors. */
export function tensorMemory() {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes, heapBytes: 0, packedBytes: 0, scratchBytes: 0 };
}

export function isRunning(tfjsName: string): boolean {
  return tfjsName in tf.engine().registry;
}

/** Has tfjs start the backend by this factory, after ending one that runs. */
export function register(tfjsName: string, factory: Parameters<typeof tf.registerBackend>[1]): void {
  if (tf.findBackendFactory(tfjsName)) tf.removeBackend(tfjsName);
  tf.registerBackend(tfjsName, factory);
}

/** Removes the backend but leaves tfjs able to start it again. */
export function stop(tfjsName: string): void {
  register(tfjsName, tf.findBackendFactory(tfjsName));
}
