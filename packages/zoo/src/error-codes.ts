/** The codes that this package adds to those of errors. */
export type ZooErrorCode =
  | 'ENGINE_FAILED'
  | 'ENGINE_MISSING'
  | 'WEIGHTS_CORRUPT'
  | 'WEIGHTS_FORBIDDEN'
  | 'WEIGHTS_INVALID'
  | 'WEIGHTS_MISSING'
  | 'WEIGHTS_QUANTIZED';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<ZooErrorCode, true> {}
}
