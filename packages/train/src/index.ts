export { matchTestClasses } from './check-fits.js';
export type { TrainErrorCode } from './error-codes.js';
export {
  type Checkpoint,
  type FitOptions,
  fit,
  type Progress,
  type TrainingState,
  type Window,
} from './fit.js';
export { markdownTable } from './markdown-table.js';
export type { MetricsRecord, TestRecord, TrainRecord } from './metrics.js';
export { checkRecipe, type Recipe, recipe, recipes, upgradeRecipe, withIterations } from './recipe.js';
export { reestimateStatistics } from './reestimate-statistics.js';
export { formatReport, type RunDescription } from './report.js';
export { type RunSummary, summarizeRun } from './run-summary.js';
export {
  afterTest,
  afterTraining,
  learningRateAt,
  type RateSettings,
  type Schedule,
  type ScheduleState,
  scheduleStart,
  type Warmup,
} from './schedule.js';
export { Sgd, type SgdConfig } from './sgd.js';
