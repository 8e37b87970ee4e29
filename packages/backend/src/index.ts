export {
  BACKEND_NAMES,
  type Backend,
  type BackendName,
  type BackendOptions,
  type PassedOver,
  useBackend,
} from './backend.js';
export type { WasmFiles } from './backends/wasm-files.js';
export type { BackendErrorCode } from './error-codes.js';
export * from './ops/index.js';
export { requireBackend } from './require-backend.js';
export { uploaderToGpu } from './upload.js';
