import { checkInteger, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { physicalCores } from '#kernels-platform';
import { TILE_ROWS } from './generated/constants.js';
import { TASKS } from './generated/tasks.js';
import type { Int8Products } from './int8/context.js';
import { LazyInt8 } from './int8/lazy-int8.js';
import { throwWhenOutOfMemory } from './patches/allocator.js';
import { beforeEnd, whenDataIsGone } from './patches/ends.js';
import { checkOutputs } from './patches/outputs.js';
import { register } from './register.js';
import { type Build, compile, hasRelaxedSimd, hasSimd } from './runtime/module.js';
import { PackedFilters } from './runtime/packed-filters.js';
import { type Exports, Runtime } from './runtime/runtime.js';
import { memoryOf, type TfjsWasmBackend } from './runtime/tfjs-wasm.js';
import { startThreads } from './runtime/threads.js';

export interface InstallOptions {
  /**
   * Threads, the calling one among them. More than one needs tfjs's threaded build, which a cross-origin-isolated page
   * has; elsewhere one is used. Default: the machine's physical cores.
   */
  threads?: number;
  /** Whether to use relaxed SIMD, which has fused multiply-add, where it is available. Default true. */
  relaxedSimd?: boolean;
  /** Whether 3×3 convolutions may use Winograd's algorithm, which is faster and a little less exact. Default true. */
  winograd?: boolean;
  /** The folder, as a path or URL that ends in '/', that serves this package's `wasm` files. Default: none is needed. */
  wasmPath?: string;
}

/** The kernels, installed. */
export interface Kernels {
  /** Threads in use; 0 if the machine has no SIMD, so that tfjs's own kernels are used. */
  readonly threads: number;
  /**
   * The features in use: 'simd', 'relaxed-simd', 'threads', 'winograd'; once int8 kernels are loaded 'int8-bytes' where they
   * multiply bytes by an instruction of the processor's, else 'int8-words'.
   */
  readonly features: readonly string[];
  /** Bytes that the kernels hold in the heap besides tensors: packed filters and scratch. */
  memory(): { packedBytes: number; scratchBytes: number };
  /**
   * Loads the kernels of quantized networks, a module of their own with threads of its own.
   *
   * @throws WASM_UNAVAILABLE without SIMD, or if the module can't be loaded; THREAD_LOST; OUT_OF_MEMORY
   */
  loadInt8(): Promise<void>;
  /** @internal The same with a given way of multiplying, for tests. */
  loadInt8(products?: Int8Products): Promise<void>;
  /** Ends the threads, frees the memory, and restores tfjs's kernels. */
  dispose(): void;
}

/** The kernels that are installed for a backend, or are being installed. */
let installed: { backend: TfjsWasmBackend; kernels: Promise<Kernels> } | undefined;

/**
 * Registers this package's kernels for tfjs's WASM backend, which must be running: `await tf.setBackend('wasm')`. All of tfjs then
 * uses them, and can train. A backend that has them already is left as it is.
 *
 * @throws OPTION_INVALID; WASM_UNAVAILABLE if the backend is not running or a file can't be loaded; THREAD_LOST if a thread
 *   can't start; OUT_OF_MEMORY
 */
export async function install(options: InstallOptions = {}): Promise<Kernels> {
  const { threads = physicalCores(), relaxedSimd = true, winograd = true } = options;
  checkInteger('threads', threads, 1);
  const backend = tf.findBackend('wasm') as unknown as TfjsWasmBackend | null;
  const memory = backend ? memoryOf(backend) : undefined;
  if (!backend || !memory) {
    const message = `tfjs's WASM backend is not running. Start it first: await tf.setBackend('wasm').`;
    throw new ResnetError('WASM_UNAVAILABLE', message);
  }
  if (installed?.backend === backend) return installed.kernels;
  const kernels = start(backend, memory, { ...options, threads, relaxedSimd, winograd });
  installed = { backend, kernels };
  kernels.catch(() => forget(kernels));
  return kernels;
}

function forget(kernels: Promise<Kernels>): void {
  if (installed?.kernels === kernels) installed = undefined;
}

async function start(
  backend: TfjsWasmBackend,
  memory: WebAssembly.Memory,
  { threads, relaxedSimd, winograd, wasmPath }: InstallOptions & Required<Omit<InstallOptions, 'wasmPath'>>,
): Promise<Kernels> {
  if (!hasSimd()) {
    const memory = () => ({ packedBytes: 0, scratchBytes: 0 });
    const loadInt8 = async () => {
      throw new ResnetError('WASM_UNAVAILABLE', 'This engine has no SIMD, which the int8 kernels need.');
    };
    return { threads: 0, features: [], memory, loadInt8, dispose: () => {} };
  }

  const isShared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const isRelaxed = relaxedSimd && hasRelaxedSimd();
  const build: Build = `${isRelaxed ? 'relaxed-simd' : 'simd'}${isShared ? '-threads' : ''}`;
  const module = await compile(build, wasmPath);
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  checkIsRunning(backend);
  const exports = instance.exports as unknown as Exports;

  const restoreMalloc = throwWhenOutOfMemory(backend);
  const runtime = new Runtime(backend, memory, exports, TILE_ROWS[isRelaxed ? 'relaxed' : 'plain'], TASKS);
  let stopThreads = () => {};
  try {
    if (isShared && threads > 1) stopThreads = await startThreads(runtime, module, exports, threads);
    checkIsRunning(backend);
  } catch (error) {
    stopThreads();
    runtime.dispose();
    restoreMalloc();
    throw error;
  }
  const filters = new PackedFilters(runtime);
  const undo = [
    beforeEnd(backend, () => dispose()),
    register({ runtime, filters, winograd }),
    checkOutputs(runtime),
    whenDataIsGone(backend, (dataId) => filters.forget(dataId)),
  ];

  const int8 = new LazyInt8(runtime, filters, { relaxedSimd, winograd, wasmPath });
  let isDisposed = false;
  const dispose = () => {
    if (isDisposed) return;
    isDisposed = true;
    if (installed?.backend === backend) installed = undefined;
    int8.dispose();
    for (const restore of undo) restore();
    stopThreads();
    filters.dispose();
    runtime.dispose();
    restoreMalloc();
  };
  return {
    get threads() {
      return runtime.threads;
    },
    get features() {
      return [
        'simd',
        ...(isRelaxed ? ['relaxed-simd'] : []),
        ...(runtime.threads > 1 ? ['threads'] : []),
        ...(winograd ? ['winograd'] : []),
        ...int8.features,
      ];
    },
    memory: () => ({
      packedBytes: filters.bytes,
      scratchBytes: runtime.scratchBytes + int8.scratchBytes,
    }),
    async loadInt8(products?: Int8Products) {
      await int8.load(products);
      checkIsRunning(backend);
    },
    dispose,
  };
}

/** @throws WASM_UNAVAILABLE if the backend has ended while its kernels were loading, or has been replaced */
function checkIsRunning(backend: TfjsWasmBackend): void {
  const { wasm } = tf.engine().registry as Record<string, unknown>;
  if (wasm === backend) return;
  const message = `tfjs's WASM backend ended while its kernels were on their way. Start it again: await tf.setBackend('wasm').`;
  throw new ResnetError('WASM_UNAVAILABLE', message);
}
