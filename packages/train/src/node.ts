export { hasCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint-store.js';
export type { TrainErrorCode } from './error-codes.js';
export { finishedRun } from './finished-run.js';
export { readMetrics } from './metrics-file.js';
export { type RunOptions, type RunResult, trainRun } from './run.js';
export { type RunSettings, runSettings } from './run-settings.js';
export { openTensorBoard, type TensorBoard, TensorBoardFile } from './tensorboard.js';
