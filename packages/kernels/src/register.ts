import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS } from './generated/kernels.js';
import type { Kernel } from './kernels/kernel.js';
import { replaceKernels, stockKernels } from './patches/kernels.js';
import type { Context } from './runtime/context.js';
import { guarded } from './runtime/guarded.js';

/** The names under which this package has kernels. */
export const KERNEL_NAMES = KERNELS.map(({ name }) => name);

/**
 * Registers the kernels; inputs that they don't take go to tfjs's kernels. Those run under the same guard: their results are
 * checked, nothing leaks, and their errors have codes. Returns a function that undoes it.
 */
export function register(base: Omit<Context, 'stock'>): () => void {
  const { runtime } = base;
  const { backend } = runtime;
  const stocks = stockKernels();
  const context: Context = {
    ...base,
    stock: (name, inputs, attributes = {}) =>
      stocks
        .get(name)!
        .kernelFunc({ inputs, attrs: attributes as tf.NamedAttrMap, backend }) as tf.TensorInfo,
  };
  const ours = new Map<string, Kernel>(KERNELS.map((kernel) => [kernel.name, kernel]));
  const names = new Set<string>([...stocks.keys(), ...KERNEL_NAMES]);
  const kernels = [...names].map((kernelName): [string, tf.KernelFunc] => {
    const stock = stocks.get(kernelName);
    const kernel = ours.get(kernelName);
    const run = (parameters: Parameters<tf.KernelFunc>[0]) => {
      const outputs = kernel?.run(context, parameters.inputs, parameters.attrs ?? {});
      return outputs ?? stock!.kernelFunc(parameters);
    };
    return [kernelName, guarded(runtime, kernelName, run)];
  });
  return replaceKernels(new Map(kernels));
}
