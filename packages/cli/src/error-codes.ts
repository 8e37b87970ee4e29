/** The codes that this package adds to those of errors. */
export type CliErrorCode = 'MODULE_MISSING' | 'MODULE_FAILED' | 'SETUP_FAILED' | 'SETUP_IMPOSSIBLE';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<CliErrorCode, true> {}
}
