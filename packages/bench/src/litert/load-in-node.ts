import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { loadLiteRt } from '@litertjs/core';
import { litertFolder, runLitertScript } from './run-script.js';

/** Loads LiteRT.js, which is made for pages, in Node: it finds the few things there that it asks of a page. */
export async function loadInNode(threads: number): Promise<void> {
  // Node 20 has relaxed SIMD behind a flag, and no `navigator`; newer V8 may not know the flag.
  if (Number.parseInt(process.versions.node, 10) < 21) {
    v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
    Object.assign(globalThis, { navigator: { hardwareConcurrency: availableParallelism() } });
  }
  Object.assign(globalThis, {
    self: globalThis,
    importScripts: (path: string) => {
      const thread = fileURLToPath(new URL('./litert-thread.js', import.meta.url));
      Object.assign(globalThis, { ModuleFactory: runLitertScript(basename(path), thread) });
    },
  });
  await loadLiteRt(litertFolder, { threads: threads > 1 });
}
