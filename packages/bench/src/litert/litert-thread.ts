// A thread of LiteRT.js in Node.
import { fileURLToPath } from 'node:url';
import { runLitertScript } from './run-script.js';

runLitertScript('litert_wasm_threaded_internal.js', fileURLToPath(import.meta.url));
