export type { BoxesErrorCode } from './error-codes.js';
export { type AnchorConfig, gridAnchors, levelOf, makeAnchors } from './geometry/anchors.js';
export { type Boxes, clipBoxes } from './geometry/boxes.js';
export { type CodeWeights, decodeBoxes, encodeBoxes } from './geometry/coding.js';
export { boxIou } from './geometry/iou.js';
export { batchedNms, nms } from './geometry/nms.js';
export {
  type CocoClass,
  type CocoEvaluation,
  type CocoNumbers,
  type CocoOptions,
  evaluateCoco,
} from './metrics/coco/evaluate-coco.js';
export { COCO_RECALLS } from './metrics/coco/precision.js';
export {
  type LocalizationErrors,
  type LocalizationOptions,
  localizationError,
} from './metrics/localization/localization-error.js';
export {
  type DetectionMatch,
  type DetectionMistake,
  findMistakes,
  type MistakeKind,
  type MistakesOptions,
} from './metrics/mistakes/find-mistakes.js';
export type { DetectedImage, ImageDetections, ImageTruth } from './metrics/shared/detected-image.js';
export {
  evaluateVoc,
  type VocClass,
  type VocEvaluation,
  type VocOptions,
} from './metrics/voc/evaluate-voc.js';
export { BACKGROUND, BETWEEN, type MatchConfig, matchBoxes } from './sampling/match-boxes.js';
export { type BalancedConfig, sampleBalanced } from './sampling/sample-balanced.js';
