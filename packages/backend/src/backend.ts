import { install, physicalCores } from '@resnet/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { processorName, startWasm } from '#platform';
import { ResnetError, unknownName } from './error.js';

/** The backends that can be asked for, in the order in which 'auto' tries them. */
export const BACKEND_NAMES = ['wasm', 'cpu'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

export interface BackendOptions {
  /**
   * Threads of the WASM backend, which in a browser take a cross-origin-isolated page. Default: as many as the machine
   * has physical cores; browsers tell the logical ones only.
   */
  threads?: number;
  /** Browsers only: the folder, as a URL that ends in '/', that serves tfjs's `.wasm` files. */
  wasmPaths?: string;
  /** Whether the WASM backend may use relaxed SIMD (fused multiply-add) where there is such a thing. Default true. */
  relaxedSimd?: boolean;
  /** Whether it may use Winograd's algorithm: faster, rounding errors up to 1e-5 instead of 1e-6. Default true. */
  winograd?: boolean;
}

/** What a backend holds. The last three are the WASM backend's, and 0 elsewhere. */
export interface BackendMemory {
  /** Live tensors and their bytes. */
  tensors: number;
  bytes: number;
  /** The size of the WASM heap, which never shrinks. */
  heapBytes: number;
  /** What the kernels hold besides tensors: filters in the layouts that they read, and scratch. */
  packedBytes: number;
  scratchBytes: number;
}

/** A backend that is running and current. */
export interface Backend {
  readonly name: BackendName;
  /** A readable line: where the work is done. */
  readonly device: string;
  readonly threads: number;
  /** What the backend makes use of: 'simd', 'relaxed-simd', 'threads', 'winograd'. */
  readonly features: readonly string[];
  /** The backends that 'auto' tried first, and why it could not use them. */
  readonly passedOver: readonly { name: BackendName; reason: string }[];
  memory(): BackendMemory;
  /** Ends the backend and its threads. Its tensors are gone. */
  dispose(): void;
}

/**
 * Starts a backend of TensorFlow.js, fills in what it lacks for training, and makes it the current one.
 * A backend that is already running is taken as it is.
 *
 * @throws UNKNOWN_NAME for a name that is none; OPTION_INVALID for a bad number of threads;
 *   BACKEND_MISSING if its npm package is not installed; BACKEND_FAILED if it could not start
 */
export async function useBackend(name: BackendName | 'auto', options: BackendOptions = {}): Promise<Backend> {
  const threads = options.threads ?? physicalCores();
  if (!Number.isInteger(threads) || threads < 1) {
    throw new ResnetError('OPTION_INVALID', `threads must be an integer of at least 1, found ${threads}.`);
  }
  if (name !== 'auto') return start(name, { ...options, threads }, []);
  const passedOver: { name: BackendName; reason: string }[] = [];
  for (const candidate of BACKEND_NAMES) {
    try {
      return await start(candidate, { ...options, threads }, passedOver);
    } catch (error) {
      if (!ResnetError.is(error)) throw error;
      passedOver.push({ name: candidate, reason: error.message });
    }
  }
  const reasons = passedOver.map((entry) => `${entry.name}: ${entry.reason}`).join('\n');
  throw new ResnetError('BACKEND_FAILED', `No backend could be started.\n${reasons}`);
}

type StartOptions = BackendOptions & { threads: number };

async function start(
  name: BackendName,
  options: StartOptions,
  passedOver: Backend['passedOver'],
): Promise<Backend> {
  switch (name) {
    case 'wasm':
      return startWasmBackend(options, passedOver);
    case 'cpu':
      return startCpuBackend(passedOver);
    default:
      throw unknownName('backend', name, ['auto', ...BACKEND_NAMES]);
  }
}

async function startWasmBackend(options: StartOptions, passedOver: Backend['passedOver']): Promise<Backend> {
  const tfjsWasm = await load('wasm', () => import('@tensorflow/tfjs-backend-wasm'));
  await startOrThrow('wasm', () =>
    isRunning('wasm') ? tf.setBackend('wasm') : startWasm(tfjsWasm, options),
  );
  const { threads: wanted, relaxedSimd = true, winograd = true } = options;
  const kernels = await install({ threads: wanted, relaxedSimd, winograd });
  const threads = kernels.threads || tfjsWasm.getThreadsCount();
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return {
    name: 'wasm',
    device: `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'} on ${processorName()}`,
    get threads() {
      return kernels.threads || threads;
    },
    get features() {
      return kernels.features;
    },
    passedOver,
    memory: () => ({ ...tensorMemory(), heapBytes: wasm.HEAPU8.byteLength, ...kernels.memory() }),
    dispose: () => dispose('wasm'),
  };
}

async function startCpuBackend(passedOver: Backend['passedOver']): Promise<Backend> {
  await load('cpu', () => import('@tensorflow/tfjs-backend-cpu'));
  await startOrThrow('cpu', () => tf.setBackend('cpu'));
  // The backend prints an advertisement for tfjs-node at its first write.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return {
    name: 'cpu',
    device: `plain JavaScript on ${processorName()}`,
    threads: 1,
    features: [],
    passedOver,
    memory: () => ({ ...tensorMemory(), heapBytes: 0, packedBytes: 0, scratchBytes: 0 }),
    dispose: () => dispose('cpu'),
  };
}

async function load<T>(name: BackendName, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const packageName = `@tensorflow/tfjs-backend-${name}`;
    const message = `The ${name} backend needs the npm package ${packageName}: npm install ${packageName}. Loading it failed: ${reasonOf(cause)}`;
    throw new ResnetError('BACKEND_MISSING', message, { cause });
  }
}

async function startOrThrow(name: BackendName, start: () => Promise<boolean>): Promise<void> {
  try {
    if (await start()) return;
  } catch (cause) {
    throw new ResnetError('BACKEND_FAILED', `The ${name} backend could not start: ${reasonOf(cause)}`, {
      cause,
    });
  }
  throw new ResnetError(
    'BACKEND_FAILED',
    `The ${name} backend could not start; tfjs printed the reason above.`,
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function tensorMemory(): { tensors: number; bytes: number } {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes };
}

function isRunning(name: BackendName): boolean {
  return name in tf.engine().registry;
}

/** Removes the backend but leaves tfjs able to start it again. */
function dispose(name: BackendName): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory);
}
