export {
  type Backend,
  type BackendOptions,
  type PassedOver,
  useBackend,
} from './backend.js';
export { CUDA_FOR_NPM, OLDEST_DRIVER } from './backends/cuda.js';
export { BACKEND_NAMES, BACKENDS, type BackendFacts, type BackendName } from './backends/descriptors.js';
export type { WasmFiles } from './backends/wasm-files.js';
export type { BackendErrorCode } from './error-codes.js';
export * from './ops/index.js';
export { requireBackend } from './require-backend.js';
export { uploaderToGpu } from './upload.js';
