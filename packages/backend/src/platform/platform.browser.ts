/// <reference types="@webgpu/types" />
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { ResnetError, withinTime } from '@resnet/core';
import { toWasmFiles, type WasmFiles, wasmFileError } from '../backends/wasm-files.js';

export const PLATFORM = 'browser';

/** A readable name of where the code runs. */
export function processorName(): string {
  return navigator.userAgent;
}

type TfjsWasm = typeof import('@tensorflow/tfjs-backend-wasm');
interface WasmOptions {
  threads: number;
  wasmPaths?: string | WasmFiles;
}

const hasThreads = 'WASM_HAS_MULTITHREAD_SUPPORT';

/**
 * tfjs's WASM backend on one thread.
 *
 * @throws BACKEND_FAILED if a file can't be loaded; the message names it
 */
export async function createWasm(tfjsWasm: TfjsWasm, { wasmPaths }: WasmOptions): Promise<tf.KernelBackend> {
  useFiles(tfjsWasm, wasmPaths);
  const before = await tf.env().getAsync(hasThreads);
  tf.env().set(hasThreads, false);
  try {
    return await createByTfjs();
  } catch (cause) {
    throw await wasmFileError(files, cause);
  } finally {
    tf.env().set(hasThreads, before);
  }
}

/**
 * tfjs's WASM backend on several threads; on one in a page that is not isolated.
 *
 * @throws if the threads can't start
 */
export async function createThreadedWasm(
  tfjsWasm: TfjsWasm,
  options: WasmOptions,
): Promise<tf.KernelBackend> {
  const { threads, wasmPaths } = options;
  const [isIsolated, hasSimd] = [
    await tf.env().getAsync(hasThreads),
    await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
  ];
  if (!isIsolated || !hasSimd) return createWasm(tfjsWasm, options);
  useFiles(tfjsWasm, wasmPaths);
  tfjsWasm.setThreadsCount(threads);
  const end = new AbortController();
  claimLogicalCores(2 * threads, end.signal);
  const created = withWholeThreads(createByTfjs, end.signal);
  try {
    // A slow network takes its time too.
    return await withinTime(Promise.race([created, violation(end.signal)]), 20);
  } catch (error) {
    // It may still come.
    created.then((backend) => backend.dispose()).catch(() => {});
    throw error;
  } finally {
    end.abort();
  }
}

let createByTfjs: () => Promise<tf.KernelBackend>;
let files: WasmFiles | undefined;

/** Has tfjs take its files from there, and notes how it starts its backend. */
function useFiles(tfjsWasm: TfjsWasm, wasmPaths: string | WasmFiles | undefined): void {
  createByTfjs ??= tf.findBackendFactory('wasm') as typeof createByTfjs;
  if (wasmPaths === undefined) return;
  if (files) {
    // After a start that failed tfjs takes no other, but it looks at the same object again.
    Object.assign(files, toWasmFiles(wasmPaths));
  } else {
    files = { ...toWasmFiles(wasmPaths) };
    tfjsWasm.setWasmPaths(files);
  }
}

/** Rejects when the page's content security policy forbids a worker, for which tfjs would wait for ever. */
function violation(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const listen = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
      if (effectiveDirective === 'worker-src')
        reject(new Error("the page's content security policy forbids workers"));
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
export async function openGpu(_adapter: string, _software: boolean): Promise<GPU> {
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

/**
 * tfjs uses at most half of the logical cores, which is too few where each is a whole core. It counts them while its module is
 * instantiated. Starts come one at a time, and the browser's own property is only covered, so the end always brings it back.
 */
function claimLogicalCores(count: number, end: AbortSignal): void {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
  end.addEventListener('abort', () => Reflect.deleteProperty(navigator, 'hardwareConcurrency'));
}

/**
 * tfjs's threads run the text of a function that looks at variables outside of it, and asks for them in a way that bundlers
 * break: the threads then end with an error, and tfjs waits for them for ever. Here such variables are there, and an error
 * rejects.
 */
function withWholeThreads<T>(create: () => Promise<T>, end: AbortSignal): Promise<T> {
  const channel = new BroadcastChannel(`resnet-threads-${Math.random()}`);
  end.addEventListener('abort', () => channel.close());
  const failure = new Promise<never>((_, reject) => {
    channel.onmessage = ({ data }) => reject(new Error(data));
  });
  const start = 'var WasmBackendModuleThreadedSimd = ';
  const NativeBlob = globalThis.Blob;
  // Others who make a Blob meanwhile get what they would get without it.
  const Patched = new Proxy(NativeBlob, {
    construct: (_, [parts, options]: [BlobPart[]?, BlobPropertyBag?]) => {
      const [text] = parts ?? [];
      if (typeof text !== 'string' || !text.startsWith(start)) return new NativeBlob(parts, options);
      restore();
      return new NativeBlob([wholeProgram(text.slice(start.length), channel.name)], options);
    },
  });
  const restore = () => {
    if (globalThis.Blob === Patched) globalThis.Blob = NativeBlob;
  };
  globalThis.Blob = Patched;
  return Promise.race([create(), failure]).finally(restore);
}

function wholeProgram(factory: string, channel: string): string {
  return `var WasmBackendModuleThreadedSimd;
with (new Proxy({}, { has: (_, name) => !(name in self), get: () => undefined })) {
  const factory = ${factory};
  WasmBackendModuleThreadedSimd = (module) => {
    try {
      return factory(module);
    } catch (error) {
      new BroadcastChannel('${channel}').postMessage(String(error));
    }
  };
}`;
}
