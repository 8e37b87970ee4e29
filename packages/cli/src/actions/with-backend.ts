import { type Backend, type BackendName, useBackend } from '@resnet/backend';
import { defined } from '../defined.js';
import type { Output } from '../io.js';

export interface BackendChoice {
  backend: string;
  threads?: number;
  adapter?: string;
}

/**
 * Starts a backend, does the work on it, and ends it whatever comes of the work. Says on `stderr` which backends
 * `auto` could not use.
 */
export async function withBackend<T>(
  { backend: name, threads, adapter }: BackendChoice,
  stderr: Output,
  work: (backend: Backend) => Promise<T>,
): Promise<T> {
  // useBackend refuses names that are none.
  const backend = await useBackend(name as BackendName | 'auto', defined({ threads, adapter }));
  try {
    printPassedOver(backend, stderr);
    return await work(backend);
  } finally {
    backend.dispose();
  }
}

function printPassedOver({ name, passedOver }: Backend, stderr: Output): void {
  const absent = passedOver.filter(({ code }) => code === 'BACKEND_MISSING');
  if (absent.length > 0) {
    const names = absent.map((backend) => backend.name).join(', ');
    stderr.write(`The backend is ${name}; not installed: ${names}.\n`);
  }
  for (const { name: other, code, reason } of passedOver) {
    if (code !== 'BACKEND_MISSING') stderr.write(`The backend is ${name}, not ${other}: ${reason}\n`);
  }
}
