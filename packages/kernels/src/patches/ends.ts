import { patchProperty } from '@resnet/core';
import type { DataId } from '@tensorflow/tfjs-core';
import type { TfjsWasmBackend } from '../runtime/tfjs-wasm.js';

/** Calls `listen` when a tensor's data is gone, of which tfjs has no event. Returns a function that undoes the patch. */
export function whenDataIsGone(backend: TfjsWasmBackend, listen: (dataId: DataId) => void): () => void {
  return patchProperty(backend, 'disposeData', (disposeData) => (dataId, force) => {
    const isGone = disposeData.call(backend, dataId, force);
    if (isGone) listen(dataId);
    return isGone;
  });
}

/** Calls `listen` before a backend ends, of which tfjs has no event. Returns a function that undoes the patch. */
export function beforeEnd(backend: TfjsWasmBackend, listen: () => void): () => void {
  return patchProperty(backend, 'dispose', (dispose) => () => {
    listen();
    dispose.call(backend);
  });
}
