/** The codes that this package adds to those of errors. */
export type DataErrorCode = 'DATA_INVALID' | 'DATA_MISSING' | 'IMAGE_INVALID';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<DataErrorCode, true> {}
}
