export { KernelsError, type KernelsErrorCode } from './error.js';
export { installWebgpu } from './webgpu/install.js';
