export { hasCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint/checkpoint-store.js';
export type { TrainErrorCode } from './error-codes.js';
export { readMetrics } from './logging/metrics-file.js';
export { openTensorBoard, type TensorBoard, TensorBoardFile } from './logging/tensorboard.js';
export { finishedRun } from './run/finished-run.js';
export { type RunOptions, type RunResult, trainRun } from './run/run.js';
export { type RunSettings, runSettings, type TaskSettings } from './run/run-settings.js';
export { type RunSubject, type RunTaskOptions, type RunTaskResult, runTask } from './run/run-task.js';
