import { type Backend, type BackendName, useBackend } from '@resnet/backend';
import { defined } from '@resnet/core';
import type { Output } from '../terminal/io.js';
import { printLine } from '../terminal/print.js';

export interface BackendChoice {
  backend: string;
  threads?: number;
  adapter?: string;
}

/**
 * Starts a backend, does the work on it, and disposes it in any case. Prints on `stderr` its warnings and, if `auto` chose a slow
 * one, why.
 */
export async function withBackend<T>(
  { backend: name, threads, adapter }: BackendChoice,
  stderr: Output,
  work: (backend: Backend) => Promise<T>,
): Promise<T> {
  // useBackend refuses unknown names.
  const backend = await useBackend(name as BackendName | 'auto', defined({ threads, adapter }));
  try {
    const { passedOver, warnings } = backend;
    for (const warning of warnings) printLine(stderr, warning);
    if (passedOver.some((other) => other.name === 'wasm')) {
      for (const { name: other, reason } of passedOver) {
        printLine(stderr, `The ${other} backend could not be used, ${backend.name} is: ${reason}`);
      }
    }
    return await work(backend);
  } finally {
    backend.dispose();
  }
}
