/** The codes that this package adds to those of errors. */
export type KernelsErrorCode = 'INPUT_INVALID' | 'KERNEL_FAILED' | 'WASM_UNAVAILABLE';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<KernelsErrorCode, true> {}
}
