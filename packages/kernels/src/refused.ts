import type { TensorInfo } from '@tensorflow/tfjs-core';
import { KernelsError } from './error.js';

/** The error of a kernel that was given what it does not take, where no other kernel does either. */
export function refused(kernelName: string, inputs: object): KernelsError {
  const shapes = Object.entries(inputs as Record<string, TensorInfo>).map(
    ([name, { shape, dtype }]) => `${name} ${dtype} [${shape}]`,
  );
  return new KernelsError('KERNEL_FAILED', `The kernel '${kernelName}' does not take ${shapes.join(', ')}.`);
}
