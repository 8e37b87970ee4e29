export { readCheckpoint, writeCheckpoint } from './checkpoint-store.js';
export { readMetrics } from './metrics-file.js';
export { type RunOptions, type RunResult, trainRun } from './run.js';
export { openTensorBoard, type TensorBoard, TensorBoardFile } from './tensorboard.js';
