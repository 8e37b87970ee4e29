/** The codes that this package adds to those of errors. */
export type TrainErrorCode = 'CHECKPOINT_INVALID' | 'CHECKPOINT_MISMATCH' | 'LOSS_NOT_FINITE' | 'RUN_BUSY';

declare module '@resnet/core' {
  interface ErrorCodes extends Record<TrainErrorCode, true> {}
}
