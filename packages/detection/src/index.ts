export {
  type DetectionSettings,
  type DetectOptions,
  detect,
  detectBatch,
  detectionSettings,
  PAPER_SCALES,
  withRefinement,
} from './detect/detect.js';
export { type DetectorInput, detectorInput, scaledSize } from './detect/image-input.js';
export { PreparedDetector, prepareDetector } from './detect/prepared-detector.js';
export type { Detections, ResultSettings } from './detect/results.js';
export {
  type DetectorEvaluation,
  type EvaluatedImage,
  type EvaluateOptions,
  evaluateDetector,
} from './evaluate/evaluate-detector.js';
export { evaluateProposals, type ProposalEvaluation } from './evaluate/evaluate-proposals.js';
export {
  type DetectionInput,
  type DetectionLosses,
  type DetectionSample,
  detectionLosses,
  drawSampleLater,
  drawSampleNow,
} from './losses/detection-losses.js';
export { type DetectorTraining, trainingSettings } from './losses/training-settings.js';
export { loadLayers, loadTrunk } from './model/load-trunk.js';
export { type DetectorModel, isDetector, openDetector, packDetector } from './model/model.js';
export { type DetectorStages, FasterRcnn, type FirstStage, fasterRcnn } from './networks/faster-rcnn.js';
export { DETECTOR_NAMES, namedDetector } from './networks/named-detector.js';
export { type DetectorSettings, detectorSettings, type FasterRcnnOptions } from './networks/settings.js';
export {
  checkDetectionRecipe,
  type DetectionRecipe,
  detectionRecipe,
  detectionRecipes,
} from './train/detection-recipe.js';
export type { DetectionFitOptions } from './train/detection-task.js';
export { fitDetector } from './train/fit-detector.js';
