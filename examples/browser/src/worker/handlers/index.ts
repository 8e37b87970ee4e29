import { startBackend } from './backend.js';
import { classify } from './classify.js';
import { explain } from './explain.js';
import { loadBuiltIn, loadWeights } from './load-weights.js';
import { measure } from './measure.js';
import { setNormalization } from './normalization.js';

/** What the worker can be asked for, by name. */
export const handlers = {
  startBackend,
  loadBuiltIn,
  loadWeights,
  setNormalization,
  classify,
  measure,
  explain,
};
