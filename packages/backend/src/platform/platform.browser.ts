/// <reference types="@webgpu/types" />
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { ResnetError, withinTime } from '@resnet/core';
import { toWasmFiles, type WasmFiles, wasmFileError } from '../backends/wasm-files.js';
import { claimLogicalCores } from '../patches/logical-cores.js';
import { HAS_THREADS, withOneThread } from '../patches/one-thread.js';
import { withWholeThreads } from '../patches/threads-in-pages.js';

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

/**
 * tfjs's WASM backend on one thread.
 *
 * @throws BACKEND_FAILED if a file can't be loaded; the message names it
 */
export async function createWasm(tfjsWasm: TfjsWasm, { wasmPaths }: WasmOptions): Promise<tf.KernelBackend> {
  useFiles(tfjsWasm, wasmPaths);
  try {
    return await withOneThread(createByTfjs);
  } catch (cause) {
    throw await wasmFileError(files, cause);
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
    await tf.env().getAsync(HAS_THREADS),
    await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
  ];
  if (!isIsolated || !hasSimd) return createWasm(tfjsWasm, options);
  useFiles(tfjsWasm, wasmPaths);
  tfjsWasm.setThreadsCount(threads);
  const end = new AbortController();
  claimLogicalCores(2 * threads, end.signal);
  const created = withWholeThreads(createByTfjs, end.signal);
  try {
    // Longer than in Node, as the files may come by a slow network.
    return await withinTime(Promise.race([created, violation(end.signal)]), 20);
  } catch (error) {
    // The backend may still come.
    created.then((backend) => backend.dispose()).catch(() => {});
    throw error;
  } finally {
    end.abort();
  }
}

let createByTfjs: () => Promise<tf.KernelBackend>;
let files: WasmFiles | undefined;

/** Makes tfjs load its files from these paths, and keeps its factory. */
function useFiles(tfjsWasm: TfjsWasm, wasmPaths: string | WasmFiles | undefined): void {
  createByTfjs ??= tf.findBackendFactory('wasm') as typeof createByTfjs;
  if (wasmPaths === undefined) return;
  if (files) {
    // After a failed start tfjs accepts no other object, but reads the same one again.
    Object.assign(files, toWasmFiles(wasmPaths));
  } else {
    files = { ...toWasmFiles(wasmPaths) };
    tfjsWasm.setWasmPaths(files);
  }
}

/** Rejects when the page's content security policy forbids a worker, for which tfjs would wait forever. */
function violation(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const listen = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
      if (effectiveDirective === 'worker-src')
        reject(new Error("the page's content security policy forbids workers"));
    };
    // In a page the event goes to the document; a worker has none.
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

/** Calls `work`, which looks for the GPU in `navigator`: here it is there already. */
export function withNavigatorGpu<T>(_gpu: GPU, work: () => T): T {
  return work();
}

/** tfjs-node runs in Node only. @throws BACKEND_FAILED always */
export async function startNode(name: string): Promise<never> {
  throw new ResnetError('BACKEND_FAILED', `The ${name} backend runs in Node only.`);
}
