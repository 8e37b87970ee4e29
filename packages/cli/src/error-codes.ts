/** The codes that this package adds to those of errors. */
export type CliErrorCode = 'MODULE_MISSING' | 'MODULE_FAILED';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<CliErrorCode, true> {}
}
