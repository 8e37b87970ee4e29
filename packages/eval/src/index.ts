export { checkClassOrder } from './evaluation/check-class-order.js';
export { type Ensemble, ensemble, type Member } from './evaluation/ensemble.js';
export {
  type EvaluateEnsembleOptions,
  type EvaluateOptions,
  type EvaluationProgress,
  evaluate,
} from './evaluation/evaluate.js';
export {
  CALIBRATION_BINS,
  type CalibrationBin,
  type Confusion,
  type Evaluation,
  type Mistake,
  type RealLabelCounts,
} from './evaluation/evaluation.js';
export {
  type EvaluationFile,
  formatEvaluationFile,
  parseEvaluationFile,
} from './evaluation/evaluation-file.js';
export { mergeEvaluations } from './evaluation/merge.js';
export { type Prediction, predict } from './evaluation/predict.js';
export type { ScoreOptions } from './evaluation/score-images.js';
export { shardRange } from './evaluation/shard.js';
export type { MeasureOptions } from './explain/each-batch.js';
export { type GradCam, gradCam, type HeatMap } from './explain/grad-cam.js';
export { overlayHeat } from './explain/heat-overlay.js';
export { type GradientOptions, type LayerGradient, layerGradients } from './explain/layer-gradients.js';
export { type LayerResponse, layerResponses } from './explain/layer-responses.js';
export {
  type ClassErrors,
  calibrationError,
  classErrors,
  confusionMatrix,
  errorInterval,
  topErrors,
} from './metrics/metrics.js';
export type { Averaging } from './metrics/scores.js';
export {
  type CropsView,
  type MapsView,
  multiScaleView,
  PAPER_SCALES,
  type SingleView,
  singleView,
  tenCropView,
  type View,
} from './views/views.js';
