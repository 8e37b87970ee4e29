export { type Checkpoint, type FitOptions, fit, type Progress, type Window } from './fit.js';
export type { MetricsRecord, TestRecord, TrainRecord } from './metrics.js';
export { checkRecipe, learningRateAt, type Recipe, recipe, recipes } from './recipe.js';
export { formatReport, type RunDescription } from './report.js';
export { Sgd, type SgdConfig } from './sgd.js';
