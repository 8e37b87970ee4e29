import os from 'node:os';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { processorName } from '#backend-platform';
import type { StartedBackend } from '../backend.js';
import { registerPaddedKernels, type TensorFlowBackend } from '../patches/padded-kernels.js';
import { withProcessForTfjsNode } from '../patches/tfjs-node-loading.js';
import { requireInNode } from '../platform/require-in-node.js';
import { neededFor, SETUP_GPU } from './cuda.js';
import { bringUp, MissingPackage, packageBroken, tensorMemory } from './starting.js';

/** What tfjs-node calls its backend, on a GPU or without one. */
const TFJS_NAME = 'tensorflow';

/** TensorFlow's native library, by tfjs-node or, on a GPU, by tfjs-node-gpu. */
export async function startNode(name: 'node' | 'node-gpu'): Promise<StartedBackend> {
  load(name);
  await bringUp(name, TFJS_NAME, tf.findBackendFactory(TFJS_NAME));
  const backend = tf.backend() as TensorFlowBackend;
  const { isUsingGpuDevice, binding } = backend;
  if (name === 'node-gpu' && !isUsingGpuDevice) {
    const message = `The node-gpu backend sees no GPU. ${neededFor(binding.TF_Version)}`;
    throw new ResnetError('BACKEND_FAILED', message);
  }
  if (name === 'node' && isUsingGpuDevice) throw loadedFor('node-gpu', name);
  registerPaddedKernels(TFJS_NAME);
  const threads = os.availableParallelism();
  const where = isUsingGpuDevice ? 'a GPU' : `${threads} threads of ${processorName()}`;
  return {
    name,
    device: `TensorFlow ${binding.TF_Version} on ${where}`,
    threads,
    features: [],
    warnings: [],
    memory: tensorMemory,
  };
}

/** What this process has loaded, once and for all: a second library would take the functions of the first for its own. */
let loaded: 'node' | 'node-gpu' | undefined;

/**
 * Loads the package, unless the other one is loaded. The library for GPUs computes on the processor too, where it sees no GPU.
 *
 * @throws MissingPackage if the package is not installed; BACKEND_FAILED if its native part is missing or does not fit, or if
 *   `node` is loaded and it is `node-gpu`
 */
function load(name: 'node' | 'node-gpu'): void {
  const packageName = `@tensorflow/tfjs-${name}`;
  if (loaded !== undefined && loaded !== name && !isAbsent(packageName)) {
    if (name === 'node-gpu') throw loadedFor(loaded, name);
    return;
  }
  try {
    withProcessForTfjsNode(() => requireInNode(packageName));
    loaded = name;
  } catch (cause) {
    if (isAbsent(packageName)) throw new MissingPackage(cause);
    throw packageBroken(name, packageName, cause, name === 'node-gpu' ? SETUP_GPU : undefined);
  }
}

function loadedFor(first: string, name: string): ResnetError {
  const message = `The ${name} backend can't start in a process that has loaded TensorFlow for ${first}: start it in another process.`;
  return new ResnetError('BACKEND_FAILED', message);
}

function isAbsent(packageName: string): boolean {
  try {
    requireInNode.resolve(packageName);
    return false;
  } catch {
    return true;
  }
}
