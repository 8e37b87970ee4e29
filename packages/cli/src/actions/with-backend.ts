import { type Backend, type BackendName, useBackend } from '@resnet/backend';
import { defined } from '../defined.js';
import type { Output } from '../io.js';

export interface BackendChoice {
  backend: string;
  threads?: number;
}

/**
 * Starts a backend, does the work on it, and ends it whatever comes of the work. Says on `stderr` which backends
 * `auto` could not use.
 */
export async function withBackend<T>(
  { backend: name, threads }: BackendChoice,
  stderr: Output,
  work: (backend: Backend) => Promise<T>,
): Promise<T> {
  // useBackend refuses names that are none.
  const backend = await useBackend(name as BackendName | 'auto', defined({ threads }));
  try {
    for (const { name, reason } of backend.passedOver) {
      stderr.write(`The ${name} backend could not be used, ${backend.name} is: ${reason}\n`);
    }
    return await work(backend);
  } finally {
    backend.dispose();
  }
}
