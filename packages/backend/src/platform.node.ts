/// <reference types="@webgpu/types" />
// Load tfjs-core first: whichever copy of it runs first becomes the engine of the process.
import * as tf from '@tensorflow/tfjs-core';
// Node loads tfjs-core's CommonJS bundle, which registers no gradients; our build bundles them in here.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { createRequire } from 'node:module';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { packageMissing } from './backends/starting.js';

/** What is used here of the Emscripten module that the threaded build's factory makes. */
interface ThreadedModule {
  cwrap(name: string, result: string | null, parameters: string[]): unknown;
  PThread: {
    unusedWorkers: { unref(): void }[];
    runningWorkers: { unref(): void }[];
  };
  tfjs: Record<string, unknown>;
}

export { startNode } from './backends/node.js';

/** A readable name of the processor. */
export function processorName(): string {
  return os.cpus()[0]?.model.trim() ?? os.arch();
}

/** Makes tfjs's WASM backend the current one, on the given number of threads. Returns false if it can't start. */
export async function startWasm(
  tfjsWasm: typeof import('@tensorflow/tfjs-backend-wasm'),
  options: { threads: number; wasmPaths?: string },
): Promise<boolean> {
  stockFactory ??= tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  if (options.threads > 1) {
    // A new backend at each start, so that tfjs can start it again after its end.
    const start = () => createThreadedBackend(tfjsWasm, options.threads);
    tf.registerBackend('wasm', () => withLogicalCores(2 * options.threads, start));
  } else {
    tf.registerBackend('wasm', stockFactory);
  }
  return tf.setBackend('wasm');
}

/** How tfjs itself starts its WASM backend: on one thread. */
let stockFactory: ReturnType<typeof tf.findBackendFactory> | undefined;

/**
 * tfjs runs on one thread in Node, because its worker is a blob URL. Its threaded build runs when it is given a
 * file for the worker and the path of its own script.
 */
async function createThreadedBackend(
  tfjsWasm: typeof import('@tensorflow/tfjs-backend-wasm'),
  threads: number,
): Promise<BackendWasm> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
  const script = join(folder, 'tfjs-backend-wasm-threaded-simd.js');
  const factory = require(script) as (options: object) => Promise<ThreadedModule>;
  const module = await withoutExceptionListeners(() =>
    factory({
      mainScriptUrlOrBlob: script,
      locateFile: (file: string) =>
        file.endsWith('.worker.js')
          ? fileURLToPath(new URL('./wasm-thread.cjs', import.meta.url))
          : join(folder, file),
    }),
  );
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  };
  tfjsWasm.setThreadsCount(threads);
  const backend = new tfjsWasm.BackendWasm(module as never);
  // An idle pool must not keep the process alive.
  for (const worker of [...module.PThread.unusedWorkers, ...module.PThread.runningWorkers]) worker.unref();
  return backend;
}

/** They are never given up: the package crashes when it ends before its devices do. */
const gpus = new Map<string, GPU>();

/**
 * The WebGPU of the npm package `webgpu`.
 *
 * @param adapter a part of the name of the GPU; '' for any
 * @throws BACKEND_MISSING if it is not installed
 */
export async function openGpu(adapter: string): Promise<GPU> {
  const { create, globals } = await loadWebgpu();
  Object.assign(globalThis, globals);
  const gpu = gpus.get(adapter) ?? create(adapter ? [`adapter=${adapter}`] : []);
  gpus.set(adapter, gpu);
  return gpu;
}

async function loadWebgpu() {
  try {
    return await import('webgpu');
  } catch (cause) {
    throw packageMissing('webgpu', 'webgpu @tensorflow/tfjs-backend-webgpu', cause);
  }
}

/** Does what looks for the GPU in `navigator`, which Node has not, or without one. */
export function withNavigator<T>(gpu: GPU, work: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return work();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

/** tfjs uses at most half of the logical cores that it counts, which is too few where each is a whole core. */
async function withLogicalCores<T>(count: number, work: () => Promise<T>): Promise<T> {
  const { cpus } = os;
  const [core] = cpus();
  os.cpus = () => Array.from({ length: count }, () => core!);
  try {
    return await work();
  } finally {
    os.cpus = cpus;
  }
}

/** Emscripten's factories rethrow every unhandled exception of the process, with a screenful of their source. */
async function withoutExceptionListeners<T>(work: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const result = await work();
  for (const [index, event] of events.entries()) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[index]!.includes(listener)) process.removeListener(event, listener);
    }
  }
  return result;
}
