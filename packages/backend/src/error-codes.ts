/** The codes that this package adds to those of errors. */
export type BackendErrorCode =
  | 'BACKEND_FAILED'
  | 'BACKEND_LOST'
  | 'BACKEND_MISSING'
  | 'GPU_OUT_OF_MEMORY'
  | 'TENSOR_TOO_LARGE';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<BackendErrorCode, true> {}
}
