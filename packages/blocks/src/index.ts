export type { StateDict, TensorData } from './state-dict.js';
