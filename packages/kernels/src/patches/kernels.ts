import * as tf from '@tensorflow/tfjs-core';

type Layer = ReadonlyMap<string, tf.KernelFunc>;

/** tfjs's kernels for WASM while they are replaced, and the kernels that replace them, the newest last. */
let stock: ReadonlyMap<string, tf.KernelConfig> = new Map();
const layers: Layer[] = [];

/** tfjs's kernels for WASM, also while they are replaced. */
export function stockKernels(): ReadonlyMap<string, tf.KernelConfig> {
  if (layers.length > 0) return stock;
  return new Map(tf.getKernelsForBackend('wasm').map((config) => [config.kernelName, config]));
}

/**
 * Replaces kernels for WASM. tfjs has one kernel of a name for all backends that it calls 'wasm', and a backend may start before
 * the kernels of another one are gone.
 *
 * @returns undoes it, in any order: the newest kernels that are left are registered, or tfjs's
 */
export function replaceKernels(kernels: Layer): () => void {
  if (layers.length === 0) stock = stockKernels();
  layers.push(kernels);
  for (const kernelName of kernels.keys()) put(kernelName);
  return () => {
    const index = layers.indexOf(kernels);
    if (index < 0) return;
    layers.splice(index, 1);
    if (index === layers.length) for (const kernelName of kernels.keys()) put(kernelName);
  };
}

function put(kernelName: string): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  const kernelFunc = layers.findLast((layer) => layer.has(kernelName))?.get(kernelName);
  const config = kernelFunc ? { kernelName, backendName: 'wasm', kernelFunc } : stock.get(kernelName);
  if (config) tf.registerKernel(config);
}
