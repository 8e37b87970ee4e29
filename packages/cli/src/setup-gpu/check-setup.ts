import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import type * as Tfjs from '@tensorflow/tfjs-core';
import { checkOperations, type TensorFlowBackend } from './check-operations.js';
import type { ProjectModules } from './project-modules.js';
import type { Setup } from './setup.js';

/**
 * Loads what is set up as the project's own backends do, and checks what it computes. An addon can't be unloaded, and becomes
 * tfjs's backend: to be called in a process of its own.
 *
 * @param report gets the name of each check that has passed
 * @returns where TensorFlow computes: on a GPU, or without one on the processor
 * @throws BACKEND_MISSING, BACKEND_FAILED or SETUP_FAILED
 */
export async function checkSetup(
  { backend: name, npmPackage }: Setup,
  { modules, backend: backendFolder }: ProjectModules,
  report: (name: string) => void,
): Promise<string> {
  const require = createRequire(join(modules, 'index.js'));
  const tf: typeof Tfjs = require('@tensorflow/tfjs-core');
  const entry = createRequire(join(backendFolder, 'index.js')).resolve('@resnet/backend');
  const backends: { useBackend: typeof useBackend } = await import(pathToFileURL(entry).href);
  try {
    await backends.useBackend(name);
  } catch (error) {
    // It is loaded, and finds no GPU.
    if (!tf.findBackendFactory('tensorflow')) throw error;
    await tf.setBackend('tensorflow');
  }
  const backend = tf.backend() as unknown as TensorFlowBackend;
  const check = (title: string, isTrue: boolean) => {
    if (!isTrue) throw new ResnetError('SETUP_FAILED', `Expected ${title}, which it is not.`);
    report(title);
  };
  check("the project's own tfjs-core", require(npmPackage).Tensor === tf.Tensor);
  const { numTensors } = tf.memory();
  tf.tidy(() => checkOperations(tf, backend, report));
  check('no tensor left', tf.memory().numTensors === numTensors);
  return `TensorFlow ${backend.binding.TF_Version} on ${backend.isUsingGpuDevice ? 'a GPU' : 'the processor'}`;
}
