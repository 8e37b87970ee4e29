export type { KernelsErrorCode } from './error-codes.js';
export { installWebgpu } from './webgpu/install.js';
