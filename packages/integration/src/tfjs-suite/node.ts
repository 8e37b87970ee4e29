// Runs tfjs's tests in this process. The bundle stays behind after the tests, to look closer at one:
// node packages/integration/dist/tfjs-suite.cjs ours-2 "part of a test's name"
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type Mode, printResults } from './modes.js';

const require = createRequire(import.meta.url);
const wasmFolder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
setWasmPaths(`${wasmFolder}/`);
const [mode, filter = ''] = process.argv.slice(2);
void printResults(mode as Mode, { filter });
