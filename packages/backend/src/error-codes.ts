/** The codes that this package adds to those of errors. */
export type BackendErrorCode = 'BACKEND_FAILED' | 'BACKEND_LOST' | 'BACKEND_MISSING';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<BackendErrorCode, true> {}
}
