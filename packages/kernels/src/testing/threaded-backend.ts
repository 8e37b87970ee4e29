import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/** What is used here of the module that the threaded build's factory makes. */
interface ThreadedModule {
  cwrap(name: string, result: string | null, parameters: string[]): unknown;
  tfjs: object;
}

/**
 * Makes tfjs's threaded WASM build the current backend, whose memory threads can share. Node does not start it by
 * itself, because its worker is text for a browser's blob URL; here it gets a file.
 */
export async function startThreadedBackend(): Promise<void> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
  const script = join(folder, 'tfjs-backend-wasm-threaded-simd.js');
  const factory = require(script) as (options: object) => Promise<ThreadedModule>;
  const temporary = mkdtempSync(join(os.tmpdir(), 'resnet-kernels-'));
  const worker = join(temporary, 'worker.cjs');
  writeFileSync(worker, programOf(join(folder, 'tfjs-backend-wasm-threaded-simd.worker.js')));
  try {
    const module = await factory({
      mainScriptUrlOrBlob: script,
      locateFile: (file: string) => (file.endsWith('.worker.js') ? worker : join(folder, file)),
    });
    module.tfjs = {
      init: module.cwrap('init', null, []),
      initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
      getThreadsCount: module.cwrap('get_threads_count', 'number', []),
      registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
      disposeData: module.cwrap('dispose_data', null, ['number']),
      dispose: module.cwrap('dispose', null, []),
    };
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', () => new BackendWasm(module as never));
    await tf.setBackend('wasm');
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** A program of which tfjs's text is the body; a line break inside a quoted literal must be escaped again. */
function programOf(file: string): string {
  return `
const { wasmWorkerContents } = require(${JSON.stringify(file)});
new Function('require', '__filename', wasmWorkerContents.replace(/\\n/g, '\\\\n'))(require, __filename);
`;
}
