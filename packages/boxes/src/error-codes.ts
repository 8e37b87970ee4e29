/** The codes that this package adds to those of errors. */
export type BoxesErrorCode = 'DATA_INVALID';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<BoxesErrorCode, true> {}
}
