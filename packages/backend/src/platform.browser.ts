/// <reference types="@webgpu/types" />
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { ResnetError } from './error.js';

/** A readable name of where the code runs. */
export function processorName(): string {
  return navigator.userAgent;
}

/**
 * Makes tfjs's WASM backend the current one, on the given number of threads; on one where the page's content security policy
 * forbids the others. Returns false if it can't start.
 */
export async function startWasm(
  tfjsWasm: typeof import('@tensorflow/tfjs-backend-wasm'),
  options: { threads: number; wasmPaths?: string },
): Promise<boolean> {
  if (options.wasmPaths !== undefined) tfjsWasm.setWasmPaths(options.wasmPaths);
  tfjsWasm.setThreadsCount(options.threads);
  const forbidden = Symbol('forbidden');
  const policy = new AbortController();
  try {
    const start = () => Promise.race([tf.setBackend('wasm'), violation(policy.signal).then(() => forbidden)]);
    const started = await withLogicalCores(2 * options.threads, () => withWholeThreads(start));
    if (typeof started === 'boolean') return started;
  } finally {
    policy.abort();
  }
  // tfjs waits for its threads for ever; it is asked again, for its build without.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  return tf.setBackend('wasm');
}

/** Waits for a worker that the page's policy forbids. */
function violation(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const listen = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
      if (effectiveDirective === 'worker-src') resolve();
    };
    // Of a page it goes to the document, which a worker has not.
    (globalThis.document ?? globalThis).addEventListener(
      'securitypolicyviolation',
      listen as (event: Event) => void,
      { signal },
    );
  });
}

/** The browser's WebGPU. @throws BACKEND_FAILED if it has none */
export async function openGpu(_adapter: string): Promise<GPU> {
  if (navigator.gpu) return navigator.gpu;
  const message =
    'This browser offers no WebGPU here. It takes a current browser, a page from https: or localhost, and in some a switch in the settings.';
  throw new ResnetError('BACKEND_FAILED', message);
}

/** Does what looks for the GPU in `navigator`, where it is already. */
export function withNavigator<T>(_gpu: GPU, work: () => T): T {
  return work();
}

/** tfjs-node is of no use in a browser. @throws BACKEND_FAILED always */
export async function startNode(name: string): Promise<never> {
  throw new ResnetError('BACKEND_FAILED', `The ${name} backend runs in Node only.`);
}

/** tfjs uses at most half of the logical cores that it counts, which is too few where each is a whole core. */
async function withLogicalCores<T>(count: number, work: () => Promise<T>): Promise<T> {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
  try {
    return await work();
  } finally {
    // Uncovers the browser's own property again.
    Reflect.deleteProperty(navigator, 'hardwareConcurrency');
  }
}

/**
 * tfjs's threads run the text of a function that looks at a variable outside of it, and asks for it in a way that
 * minifiers break: the threads then end with an error, and tfjs waits for them for ever. Here such variables are there.
 */
async function withWholeThreads<T>(work: () => Promise<T>): Promise<T> {
  const NativeBlob = globalThis.Blob;
  const start = 'var WasmBackendModuleThreadedSimd = ';
  const whole = (part: BlobPart): BlobPart =>
    typeof part === 'string' && part.startsWith(start)
      ? `${start}undefined;
with (new Proxy({}, { has: (_, name) => !(name in self), get: () => undefined }))
  WasmBackendModuleThreadedSimd = ${part.slice(start.length)}`
      : part;
  globalThis.Blob = class extends NativeBlob {
    constructor(parts: BlobPart[] = [], options?: BlobPropertyBag) {
      super(parts.map(whole), options);
    }
  };
  try {
    return await work();
  } finally {
    globalThis.Blob = NativeBlob;
  }
}
