export { physicalCores } from '#host';
export { KernelsError, type KernelsErrorCode } from './error.js';
export { type InstallOptions, install, type Kernels } from './install.js';
