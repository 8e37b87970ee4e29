import { patchProperty, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { TfjsWasmBackend } from '../runtime/tfjs-wasm.js';

/** What a heap of 4 GB can't hold besides what is always in it. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;

/** tfjs does not look at what its allocator returns, and would write at address 0. Returns how to undo it. */
export function throwWhenOutOfMemory({ wasm }: TfjsWasmBackend): () => void {
  // Emscripten's function puts another in its own place at its first call, and would remove ours.
  wasm._free(wasm._malloc(16));
  return patchProperty(wasm, '_malloc', (malloc) => (bytes) => {
    // A larger number would lose its upper bits on the way, and just below it the allocator itself miscounts.
    const address = bytes < MOST_BYTES ? malloc(bytes) >>> 0 : 0;
    if (address !== 0 || bytes === 0) return address;
    const megabytes = (value: number) => `${Math.ceil(value / 1e6)} MB`;
    const { numTensors, numBytes } = tf.memory();
    const message = `Out of memory: ${megabytes(bytes)} more do not fit in the WASM heap, which can grow to 4 GB and has ${megabytes(wasm.HEAPU8.byteLength)}, with ${numTensors} tensors of ${megabytes(numBytes)}. Use smaller batches or images, and dispose tensors that are no longer needed (tf.tidy).`;
    throw new ResnetError('OUT_OF_MEMORY', message);
  });
}
