import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { printResults } from './modes.js';

setWasmPaths('/');
Object.assign(window, { printResults });
