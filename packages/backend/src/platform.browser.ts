import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';

/** A readable name of where the code runs. */
export function processorName(): string {
  return navigator.userAgent;
}

/** Makes tfjs's WASM backend the current one, on the given number of threads. Returns false if it can't start. */
export async function startWasm(
  tfjsWasm: typeof import('@tensorflow/tfjs-backend-wasm'),
  options: { threads: number; wasmPaths?: string },
): Promise<boolean> {
  if (options.wasmPaths !== undefined) tfjsWasm.setWasmPaths(options.wasmPaths);
  tfjsWasm.setThreadsCount(options.threads);
  return withLogicalCores(2 * options.threads, () => tf.setBackend('wasm'));
}

/** tfjs uses at most half of the logical cores that it counts, which is too few where each is a whole core. */
async function withLogicalCores<T>(count: number, work: () => Promise<T>): Promise<T> {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
  try {
    return await work();
  } finally {
    // Uncovers the browser's own property again.
    Reflect.deleteProperty(navigator, 'hardwareConcurrency');
  }
}
