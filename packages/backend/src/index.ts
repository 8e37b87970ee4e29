export {
  BACKEND_NAMES,
  type Backend,
  type BackendName,
  type BackendOptions,
  type PassedOver,
  useBackend,
} from './backend.js';
export type { WasmFiles } from './backends/wasm-files.js';
export {
  type ErrorCode,
  printable,
  ResnetError,
  throwIfAborted,
  unknownName,
} from './error.js';
export { nextTask } from './next-task.js';
export * from './ops/index.js';
export { Random } from './random.js';
export { requireBackend } from './require-backend.js';
export { uploaderToGpu } from './upload.js';
