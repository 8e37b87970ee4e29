/// <reference types="@webgpu/types" />
// tfjs-core comes first: the copy of it that runs first becomes the engine of the process.
import * as tf from '@tensorflow/tfjs-core';
// Node loads tfjs-core's CommonJS bundle, which registers no gradients; our build bundles them in here.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { withinTime } from '@resnet/core';
import { checkGpu } from '../backends/no-gpu.js';
import { MissingPackage, packageBroken, reasonOf } from '../backends/starting.js';
import { withoutExceptionListeners } from '../patches/exception-listeners.js';
import { lookForGpu } from './look-for-gpu.js';
import { requireInNode } from './require-in-node.js';

/** The part that is used here of the Emscripten module that the threaded build's factory makes. */
interface ThreadedModule {
  cwrap(name: string, result: string | null, parameters: string[]): unknown;
  PThread: {
    unusedWorkers: Worker[];
    runningWorkers: Worker[];
  };
  tfjs: Record<string, unknown>;
}

type ReceiveInstance = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

type TfjsWasm = typeof import('@tensorflow/tfjs-backend-wasm');

export { startNode } from '../backends/node.js';
export { withNavigatorGpu } from '../patches/navigator-gpu.js';

export const PLATFORM = 'node';

/** A readable name of the processor. */
export function processorName(): string {
  return os.cpus()[0]?.model.trim() ?? os.arch();
}

/** tfjs's WASM backend as it starts it itself in Node: on one thread. */
export async function createWasm(_tfjsWasm: TfjsWasm, _options: object): Promise<tf.KernelBackend> {
  stockFactory ??= tf.findBackendFactory('wasm');
  return stockFactory();
}

let stockFactory: ReturnType<typeof tf.findBackendFactory> | undefined;

/**
 * tfjs's WASM backend on several threads. In Node tfjs itself uses one, because its worker is a blob URL. Its threaded build
 * runs when it is given a file for the worker and the path of its own script.
 *
 * @throws if a thread ends before it is ready, or they take too long: some runtimes that are not Node never start them
 */
export async function createThreadedWasm(
  tfjsWasm: TfjsWasm,
  { threads }: { threads: number },
): Promise<tf.KernelBackend> {
  stockFactory ??= tf.findBackendFactory('wasm');
  const folder = join(
    dirname(requireInNode.resolve('@tensorflow/tfjs-backend-wasm/package.json')),
    'wasm-out',
  );
  const script = join(folder, 'tfjs-backend-wasm-threaded-simd.js');
  const factory = requireInNode(script) as (options: object) => Promise<ThreadedModule>;
  const binary = await readFile(join(folder, 'tfjs-backend-wasm-threaded-simd.wasm'));
  let instantiated: Promise<void> | undefined;
  // The factory turns this object into the module; it has the workers at once.
  const options = {
    mainScriptUrlOrBlob: script,
    instantiateWasm: (imports: WebAssembly.Imports, receive: ReceiveInstance) => {
      // The module uses at most half of the logical cores, too few where each is a physical core.
      imports.env!.emscripten_num_logical_cores = () => 2 * threads;
      instantiated = WebAssembly.instantiate(binary, imports).then(({ instance, module }) =>
        receive(instance, module),
      );
      return {};
    },
    locateFile: (file: string) =>
      file.endsWith('.worker.js')
        ? fileURLToPath(new URL('./wasm-thread.cjs', import.meta.url))
        : join(folder, file),
  } as unknown as ThreadedModule;
  const started = withoutExceptionListeners(() => factory(options));
  const workers = [...options.PThread.unusedWorkers];
  try {
    const [module] = await withinTime(
      Promise.race([Promise.all([started, instantiated]), failureOf(workers)]),
      10,
    );
    return toBackend(tfjsWasm, module, threads);
  } catch (error) {
    for (const worker of workers) void worker.terminate();
    throw error;
  }
}

/** Rejects when a thread fails; the factory would end the process. */
function failureOf(workers: Worker[]): Promise<never> {
  return new Promise((_, reject) => {
    for (const worker of workers) {
      // The factory sets a listener under this name, and calls it.
      Object.defineProperty(worker, 'onerror', { get: () => reject, set: () => {} });
      worker.once('exit', () => reject(new Error('a thread ended at once')));
    }
  });
}

function toBackend(tfjsWasm: TfjsWasm, module: ThreadedModule, threads: number): tf.KernelBackend {
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

/** Never freed: the package crashes when it ends before its devices do. */
const gpus = new Map<string, GPU>();

/**
 * The WebGPU of the npm package `webgpu`.
 *
 * @param adapter a part of the name of the GPU; '' for any
 * @param software whether one that the processor emulates is accepted
 * @throws BACKEND_MISSING if it is not installed; BACKEND_FAILED if it finds no GPU
 */
export async function openGpu(adapter: string, software: boolean): Promise<GPU> {
  const { create, globals } = await loadWebgpu();
  const flags = adapter ? [`adapter=${adapter}`] : [];
  const found = gpus.has(adapter) ? undefined : await lookForGpu(flags);
  if (found) checkGpu(found, software);
  Object.assign(globalThis, globals);
  const gpu = gpus.get(adapter) ?? create(flags);
  gpus.set(adapter, gpu);
  return gpu;
}

async function loadWebgpu() {
  try {
    // Its native part can't be bundled.
    return await import(/* webpackIgnore: true */ 'webgpu');
  } catch (cause) {
    // The package has no native part for some systems.
    if (/\.node\b/.test(reasonOf(cause))) throw packageBroken('webgpu', 'webgpu', cause);
    throw new MissingPackage(cause);
  }
}
