import { ResnetError } from '@resnet/core';
import { install, type Kernels } from '@resnet/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { createThreadedWasm, createWasm, processorName } from '#backend-platform';
import type { StartedBackend, StartOptions } from '../backend.js';
import { bringUp, isRunning, MissingPackage, reasonOf, stop, tensorMemory } from './starting.js';

/** The part of tfjs's backend that is used here, most of which it does not declare. */
interface TfjsWasmBackend {
  wasm: { HEAPU8: Uint8Array; tfjs: { getThreadsCount(): number } };
}

/** Why a backend has fewer threads than were asked for. */
const warningsOf = new WeakMap<object, string[]>();

/** WebAssembly, with the kernels of this project. */
export async function startWasmBackend(options: StartOptions): Promise<StartedBackend> {
  const tfjsWasm = await load();
  const wasRunning = isRunning('wasm');
  await bringUp('wasm', 'wasm', () => create(tfjsWasm, options));
  const backend = tf.backend();
  const warnings = warningsOf.get(backend) ?? [];
  let kernels: Kernels;
  try {
    kernels = await installKernels(options, warnings);
  } catch (error) {
    if (!wasRunning) stop('wasm');
    throw error;
  }
  const { wasm } = backend as unknown as TfjsWasmBackend;
  const threads = kernels.threads || wasm.tfjs.getThreadsCount();
  return {
    name: 'wasm',
    device: `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'} on ${processorName()}`,
    get threads() {
      return kernels.threads || threads;
    },
    get features() {
      return kernels.features;
    },
    warnings,
    memory: () => ({ ...tensorMemory(), heapBytes: wasm.HEAPU8.byteLength, ...kernels.memory() }),
  };
}

async function load() {
  // Bundlers accept that a package is missing if its import is inside a `try`.
  try {
    return await import('@tensorflow/tfjs-backend-wasm');
  } catch (cause) {
    throw new MissingPackage(cause);
  }
}

/** A backend with the number of threads asked for, or with one. */
async function create(
  tfjsWasm: Awaited<ReturnType<typeof load>>,
  options: StartOptions,
): Promise<tf.KernelBackend> {
  const warnings: string[] = [];
  let backend: tf.KernelBackend | undefined;
  if (options.threads > 1) {
    try {
      backend = await createThreadedWasm(tfjsWasm, options);
    } catch (cause) {
      warnings.push(oneThread(options.threads, cause));
    }
  }
  backend ??= await createWasm(tfjsWasm, options);
  warningsOf.set(backend, warnings);
  return backend;
}

/** Adds to `warnings` if one thread is used instead of several. */
async function installKernels(
  { threads, relaxedSimd = true, winograd = true }: StartOptions,
  warnings: string[],
): Promise<Kernels> {
  try {
    return await install({ threads, relaxedSimd, winograd });
  } catch (cause) {
    if (!ResnetError.is(cause) || cause.code !== 'THREAD_LOST') throw cause;
    warnings.push(oneThread(threads, cause));
    return install({ threads: 1, relaxedSimd, winograd });
  }
}

function oneThread(wanted: number, cause: unknown): string {
  return `The wasm backend computes on one thread, not on ${wanted}: ${reasonOf(cause)}`;
}
