// The body of one worker thread of tfjs's threaded WebAssembly build.
//
// tfjs ships the worker as a string for browsers' blob URLs, which Node cannot start as a thread. Node needs a
// file, and this is it. The string holds a line break inside a quoted literal, which must be escaped again.
const {
  wasmWorkerContents,
} = require('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js');

// It sets the global `location`, which Deno has already, and keeps.
Object.defineProperty(globalThis, 'location', { value: undefined, writable: true, configurable: true });

new Function('require', '__filename', wasmWorkerContents.replace(/\n/g, '\\n'))(require, __filename);
