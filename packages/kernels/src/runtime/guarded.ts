import { ResnetError } from '@resnet/core';
import type * as tf from '@tensorflow/tfjs-core';
import { Refusal, refused } from './refused.js';
import type { Runtime } from './runtime.js';

/** A kernel whose outputs are not lost where it throws, and whose errors have codes. */
export function guarded(runtime: Runtime, kernelName: string, run: tf.KernelFunc): tf.KernelFunc {
  return (parameters) => {
    try {
      return runtime.guard(() => run(parameters));
    } catch (error) {
      throw explained(error, kernelName, parameters.inputs, parameters.attrs);
    }
  };
}

/** An error with a code for anything that a kernel throws. */
function explained(
  error: unknown,
  kernelName: string,
  inputs: object,
  attributes: object | undefined,
): unknown {
  if (error instanceof Refusal) return refused(kernelName, inputs, attributes ?? {}, error.reason);
  if (!(error instanceof Error) || 'code' in error) return error;
  if (error instanceof WebAssembly.RuntimeError) {
    const message = `tfjs's kernel '${kernelName}' ended in a trap: ${error.message}. Its memory may be damaged: start the program again.`;
    return new ResnetError('KERNEL_FAILED', message, { cause: error });
  }
  const invalid = refused(kernelName, inputs, attributes ?? {}, error.message);
  invalid.cause = error;
  return invalid;
}
