export { checkClassOrder } from './check-class-order.js';
export type { MeasureOptions } from './each-batch.js';
export { type Ensemble, ensemble, type Member } from './ensemble.js';
export {
  type EvaluateEnsembleOptions,
  type EvaluateOptions,
  type EvaluationProgress,
  evaluate,
} from './evaluate.js';
export {
  CALIBRATION_BINS,
  type CalibrationBin,
  type Confusion,
  type Evaluation,
  type Mistake,
  type RealLabelCounts,
} from './evaluation.js';
export { type EvaluationFile, formatEvaluationFile, parseEvaluationFile } from './evaluation-file.js';
export { type GradCam, gradCam, type HeatMap } from './grad-cam.js';
export { overlayHeat } from './heat-overlay.js';
export { type GradientOptions, type LayerGradient, layerGradients } from './layer-gradients.js';
export { type LayerResponse, layerResponses } from './layer-responses.js';
export { mergeEvaluations } from './merge.js';
export {
  type ClassErrors,
  calibrationError,
  classErrors,
  confusionMatrix,
  errorInterval,
  topErrors,
} from './metrics.js';
export { type Prediction, predict } from './predict.js';
export type { ScoreOptions } from './score-images.js';
export type { Averaging } from './scores.js';
export { shardRange } from './slice.js';
export {
  type CropsView,
  type MapsView,
  multiScaleView,
  PAPER_SCALES,
  type SingleView,
  singleView,
  tenCropView,
  type View,
} from './views.js';
