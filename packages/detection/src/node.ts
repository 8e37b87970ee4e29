export { loadDetector, saveDetector } from './model/files.js';
export { type DetectorRunOptions, trainDetector } from './train/train-detector.js';
