import type { ThreadWorker } from './platform.node.js';

export type { ThreadWorker };

/** Starts a thread. */
export function createWorker(program: string): ThreadWorker {
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(url);
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onmessageerror = () => reject(new Error('it could not read what it was sent'));
    worker.onerror = (event) =>
      reject(new Error(event.message || 'the page’s content security policy may forbid it'));
  }).finally(() => URL.revokeObjectURL(url));
  return {
    ready,
    send: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}

/** Nothing to do: browsers have relaxed SIMD without a flag, or not at all. */
export function enableRelaxedSimd(): void {}

/** Browsers show only the logical cores. */
export function physicalCores(): number {
  return navigator.hardwareConcurrency;
}

/** The bytes that a URL serves. */
export async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}
