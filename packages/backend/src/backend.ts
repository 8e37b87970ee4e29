import { checkInteger, type ErrorCode, ResnetError, unknownName } from '@resnet/core';
import { physicalCores } from '@resnet/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { BACKEND_NAMES, type BackendName, DESCRIPTORS } from './backends/descriptors.js';
import { hold } from './backends/holding.js';
import { isRunning, MissingPackage, packageMissing } from './backends/starting.js';
import { checkWasmPaths, type WasmFiles } from './backends/wasm-files.js';
import { inTurn } from './turns.js';

export interface BackendOptions {
  /**
   * Threads of the WASM backend, which in a browser take a cross-origin-isolated page. Default: as many as the machine
   * has physical cores; browsers tell the logical ones only.
   */
  threads?: number;
  /**
   * Browsers only: the URL of the folder that serves tfjs's `.wasm` files, or that of each file. Default: where tfjs looks
   * for them, beside the page or its script.
   */
  wasmPaths?: string | WasmFiles;
  /** Node only: a part of the name of the GPU that the WebGPU backend takes. Default: the fastest. */
  adapter?: string;
  /** Whether the WASM backend may use relaxed SIMD (fused multiply-add) where there is such a thing. Default true. */
  relaxedSimd?: boolean;
  /** Whether it may use Winograd's algorithm: faster, rounding errors up to 1e-5 instead of 1e-6. Default true. */
  winograd?: boolean;
}

/** The memory of a backend. The last three are of the WASM backend, and 0 elsewhere. */
export interface BackendMemory {
  /** Live tensors and their bytes. */
  tensors: number;
  bytes: number;
  /** The size of the WASM heap, which never shrinks. */
  heapBytes: number;
  /** Memory of the kernels besides tensors: filters in the layouts that they read, and scratch. */
  packedBytes: number;
  scratchBytes: number;
}

/** A backend that 'auto' could not use. */
export interface PassedOver {
  name: BackendName;
  /** BACKEND_MISSING where its packages are not installed. */
  code: ErrorCode;
  reason: string;
}

/** A backend that is running and current. */
export interface Backend {
  readonly name: BackendName;
  /** What computes, for people: 'WebGPU on NVIDIA H200'. */
  readonly device: string;
  readonly threads: number;
  /**
   * What the backend makes use of: 'simd', 'relaxed-simd', 'threads', 'winograd' on WebAssembly, 'float32' or 'float16'
   * on WebGL; 'software' where the processor emulates the GPU.
   */
  readonly features: readonly string[];
  /** The backends that 'auto' tried first, and why it could not use them. */
  readonly passedOver: readonly PassedOver[];
  /** What was asked for and is missing, such as threads, and why. */
  readonly warnings: readonly string[];
  memory(): BackendMemory;
  /**
   * Ends the backend and its threads, once all who asked for it have called this. Its tensors are gone. Of the backends that still
   * run, the one that was asked for last becomes the current one.
   */
  dispose(): void;
}

/**
 * Starts a backend of TensorFlow.js, fills in what it lacks for training, and makes it the current one.
 * A backend that is already running is shared as it is: it ends when all who asked for it have disposed of it.
 * Calls at the same time are served one after the other. 'auto', the default, takes the first of node-gpu, webgpu (on a real
 * GPU), node, wasm, webgl and cpu that can be started.
 *
 * Where threads can't start, the WASM backend computes on one, and `warnings` says why. Where a GPU is lost, all that is
 * asked of its backend afterwards is rejected with BACKEND_LOST.
 *
 * @throws UNKNOWN_NAME for an unknown name; OPTION_INVALID for a bad number of threads or incomplete `wasmPaths`;
 *   BACKEND_MISSING if its npm package is not installed; BACKEND_FAILED if it could not start: then the backend that was
 *   current stays so
 */
export async function useBackend(
  name: BackendName | 'auto' = 'auto',
  options: BackendOptions = {},
): Promise<Backend> {
  const { threads = physicalCores(), wasmPaths } = options;
  checkInteger('threads', threads, 1);
  checkWasmPaths(wasmPaths);
  const startOptions = { ...options, threads };
  return inTurn(() => (name === 'auto' ? startFirst(startOptions) : startNamed(name, startOptions)));
}

async function startNamed(name: BackendName, options: StartOptions): Promise<Backend> {
  return toBackend(await start(name, options, { software: true }), []);
}

async function startFirst(options: StartOptions): Promise<Backend> {
  const passedOver: PassedOver[] = [];
  for (const candidate of BACKEND_NAMES) {
    try {
      return toBackend(await start(candidate, options, { software: false }), passedOver);
    } catch (error) {
      if (!ResnetError.is(error)) throw error;
      passedOver.push({ name: candidate, code: error.code, reason: error.message });
    }
  }
  const reasons = passedOver.map((entry) => `${entry.name}: ${entry.reason}`).join('\n');
  throw new ResnetError('BACKEND_FAILED', `No backend could be started.\n${reasons}`);
}

/** A backend that has just become the current one. */
function toBackend(started: StartedBackend, passedOver: PassedOver[]): Backend {
  return Object.assign(started, { passedOver, dispose: hold() });
}

export type StartOptions = BackendOptions & { threads: number };
export type StartedBackend = Omit<Backend, 'passedOver' | 'dispose'>;

/** @param gpu.software whether a GPU that the processor emulates is accepted */
async function start(
  name: BackendName,
  options: StartOptions,
  gpu: { software: boolean },
): Promise<StartedBackend> {
  if (!Object.hasOwn(DESCRIPTORS, name)) throw unknownBackend(name);
  const before = tf.getBackend();
  try {
    return await DESCRIPTORS[name].start(options, gpu);
  } catch (error) {
    if (before && isRunning(before)) await tf.setBackend(before);
    if (!(error instanceof MissingPackage)) throw error;
    const { packages, setup = `npm install ${packages.join(' ')}` } = DESCRIPTORS[name];
    throw packageMissing(name, setup, error.cause);
  }
}

function unknownBackend(name: string): ResnetError {
  const lowerCase = String(name).toLowerCase();
  const meant = BACKEND_NAMES.find(
    (known) => known === lowerCase || DESCRIPTORS[known].aliases.includes(lowerCase),
  );
  return unknownName('backend', name, ['auto', ...BACKEND_NAMES], meant);
}
