import { install } from '@resnet/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { processorName, startWasm } from '#platform';
import type { StartedBackend, StartOptions } from '../backend.js';
import { isRunning, packageMissing, startOrThrow, stop, tensorMemory } from './starting.js';

/** WebAssembly, with the kernels of this project. */
export async function startWasmBackend(options: StartOptions): Promise<StartedBackend> {
  const tfjsWasm = await load();
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
    memory: () => ({ ...tensorMemory(), heapBytes: wasm.HEAPU8.byteLength, ...kernels.memory() }),
    dispose: () => stop('wasm'),
  };
}

async function load() {
  // Bundlers let a package be absent if its import stands in a `try`.
  try {
    return await import('@tensorflow/tfjs-backend-wasm');
  } catch (cause) {
    throw packageMissing('wasm', '@tensorflow/tfjs-backend-wasm', cause);
  }
}
