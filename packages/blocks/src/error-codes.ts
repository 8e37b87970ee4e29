/** The codes that this package adds to those of errors. */
export type BlocksErrorCode = 'LAYER_UNSUPPORTED' | 'WEIGHTS_MISMATCH';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<BlocksErrorCode, true> {}
}
