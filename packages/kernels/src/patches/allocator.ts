import { patchProperty, ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import type { TfjsWasmBackend } from '../runtime/tfjs-wasm.js';

/** Larger allocations never fit in a heap of 4 GB, part of which is always in use. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;

/** tfjs does not check its allocator's result, and would write at address 0. Returns a function that undoes the patch. */
export function throwWhenOutOfMemory({ wasm }: TfjsWasmBackend): () => void {
  // At its first call Emscripten's function replaces itself by another, and would remove the patch.
  wasm._free(wasm._malloc(16));
  return patchProperty(wasm, '_malloc', (malloc) => (bytes) => {
    // A larger number would lose its upper bits; just below 4 GB the allocator miscounts.
    const address = bytes < MOST_BYTES ? malloc(bytes) >>> 0 : 0;
    if (address !== 0 || bytes === 0) return address;
    const megabytes = (value: number) => `${Math.ceil(value / 1e6)} MB`;
    const { numTensors, numBytes } = tf.memory();
    const message = `Out of memory: ${megabytes(bytes)} more do not fit in the WASM heap, which can grow to 4 GB and has ${megabytes(wasm.HEAPU8.byteLength)}, with ${numTensors} tensors of ${megabytes(numBytes)}. Use smaller batches or images, and dispose tensors that are no longer needed (tf.tidy).`;
    throw new ResnetError('OUT_OF_MEMORY', message);
  });
}
