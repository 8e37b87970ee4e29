import { createRequire } from 'node:module';
import { type Backend, type BackendName, type BackendOptions, useBackend } from '@resnet/backend';
import { ResnetError } from '@resnet/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** One way to run tests on every backend, such as the conformance suite. */
export interface BackendUnderTest {
  label: string;
  name: BackendName;
  options: BackendOptions;
  /** What it takes besides what the repository installs. */
  package?: string;
}

const every: BackendUnderTest[] = [
  { label: 'cpu', name: 'cpu', options: {} },
  { label: 'wasm', name: 'wasm', options: { threads: 1 } },
  { label: 'wasm-threads', name: 'wasm', options: { threads: 2 } },
  { label: 'webgpu', name: 'webgpu', options: {} },
  { label: 'node', name: 'node', options: {}, package: '@tensorflow/tfjs-node' },
  { label: 'node-gpu', name: 'node-gpu', options: {}, package: '@tensorflow/tfjs-node-gpu' },
];

const { RESNET_BACKENDS } = process.env;

/** All backends that are installed, or those that RESNET_BACKENDS names: `RESNET_BACKENDS=cpu,wasm npm test`. */
export const backendsUnderTest = chosen(RESNET_BACKENDS);

/** The others. */
export const backendsLeftOut = every
  .filter((backend) => !backendsUnderTest.includes(backend))
  .map(({ label, package: needed }) => ({
    label,
    reason: RESNET_BACKENDS === undefined ? `${needed} is not installed` : 'RESNET_BACKENDS does not name it',
  }));

/** Gives the tests of a `describe` the backend. Where it can't be had they are skipped, unless it was asked for by name. */
export function useBackendUnderTest({ name, options }: BackendUnderTest): () => Backend {
  let backend: Backend | undefined;
  let reason: string | undefined;
  beforeAll(async () => {
    try {
      backend = await useBackend(name, options);
    } catch (error) {
      if (RESNET_BACKENDS !== undefined || !ResnetError.is(error)) throw error;
      reason = error.message;
    }
  });
  beforeEach(({ skip }) => skip(!backend, reason));
  afterAll(() => backend?.dispose());
  return () => backend!;
}

/**
 * The same for tests that run on one backend: the first that RESNET_BACKENDS names, or without it the one with this label.
 *
 * @param label of WebAssembly, on one thread or on two
 */
export function useOneBackend(label: 'wasm' | 'wasm-threads' = 'wasm'): () => Backend {
  const usual = every.find((backend) => backend.label === label)!;
  return useBackendUnderTest(RESNET_BACKENDS === undefined ? usual : backendsUnderTest[0]!);
}

/** The values of a tensor that is made for them, and disposed. Not every backend reads them synchronously. */
export async function valuesOf(make: () => tf.Tensor): Promise<Float32Array> {
  const tensor = tf.tidy(make);
  const values = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return values;
}

function chosen(labels: string | undefined): BackendUnderTest[] {
  if (labels === undefined) return every.filter((backend) => isInstalled(backend.package));
  return labels.split(',').map((label) => {
    const backend = every.find((candidate) => candidate.label === label);
    if (!backend)
      throw new Error(`RESNET_BACKENDS names '${label}'; known: ${every.map((b) => b.label).join(', ')}`);
    return backend;
  });
}

function isInstalled(name: string | undefined): boolean {
  try {
    if (name !== undefined) createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
