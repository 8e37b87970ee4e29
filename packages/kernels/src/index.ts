export { physicalCores } from '#kernels-platform';
export type { KernelsErrorCode } from './error-codes.js';
export { type InstallOptions, install, type Kernels } from './install.js';
