import { startBackend } from './backend.js';
import { classify } from './classify.js';
import { describeLayers } from './describe-layers.js';
import { findObjects } from './detect.js';
import { explain } from './explain.js';
import { loadBuiltInDetector, loadDetector } from './load-detector.js';
import { loadBuiltIn, loadWeights } from './load-weights.js';
import { measure } from './measure.js';
import { measureLayers } from './measure-layers.js';
import { setNormalization } from './normalization.js';
import { saveTrained } from './save-trained.js';
import { showLayer } from './show-layer.js';
import { endTraining, storedTraining } from './stored-training.js';
import { resumeTraining, startTraining } from './train.js';

/** What the worker can be asked for, by name. */
export const handlers = {
  startBackend,
  loadBuiltIn,
  loadWeights,
  setNormalization,
  classify,
  measure,
  explain,
  loadBuiltInDetector,
  loadDetector,
  findObjects,
  describeLayers,
  measureLayers,
  showLayer,
  startTraining,
  resumeTraining,
  storedTraining,
  endTraining,
  saveTrained,
};
