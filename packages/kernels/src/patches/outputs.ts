import { patchProperty } from '@resnet/core';
import { check } from '../runtime/refused.js';
import type { Runtime } from '../runtime/runtime.js';

/** Checks the sizes of tfjs's results, which may be negative. Returns a function that undoes the patch. */
export function checkOutputs(runtime: Runtime): () => void {
  const { backend } = runtime;
  return patchProperty(backend, 'makeOutput', (makeOutput) => (shape, ...rest) => {
    if (!runtime.isRunning) return makeOutput.call(backend, shape, ...rest);
    const isPossible = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
    check(isPossible, `the result would be of the shape [${shape}].`);
    const info = makeOutput.call(backend, shape, ...rest);
    runtime.note(info);
    return info;
  });
}
