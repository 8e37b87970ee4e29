import { patchProperty } from '@resnet/core';
import type { DataId } from '@tensorflow/tfjs-core';
import type { TfjsWasmBackend } from '../runtime/tfjs-wasm.js';

/** tfjs tells nobody that a tensor's data is gone. Returns how to undo it. */
export function whenDataIsGone(backend: TfjsWasmBackend, listen: (dataId: DataId) => void): () => void {
  return patchProperty(backend, 'disposeData', (disposeData) => (dataId, force) => {
    const isGone = disposeData.call(backend, dataId, force);
    if (isGone) listen(dataId);
    return isGone;
  });
}

/** tfjs tells nobody that a backend ends. Returns how to undo it. */
export function beforeEnd(backend: TfjsWasmBackend, listen: () => void): () => void {
  return patchProperty(backend, 'dispose', (dispose) => () => {
    listen();
    dispose.call(backend);
  });
}
