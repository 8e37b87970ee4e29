export type { TrainErrorCode } from './error-codes.js';
export { matchTestClasses } from './fit/check-fits.js';
export { fit } from './fit/fit.js';
export type { FitOptions } from './fit/fit-options.js';
export { fitTask } from './fit/fit-task.js';
export type { FitTaskOptions, Progress } from './fit/fit-task-options.js';
export { reestimateStatistics, reestimateWith } from './fit/reestimate-statistics.js';
export type { BatchPart, PartLoss, StepInput, Task, TestResult } from './fit/task.js';
export type { Checkpoint, TrainingState, Window } from './fit/training-state.js';
export type { MetricsRecord, TestRecord, TrainRecord } from './logging/metrics.js';
export {
  afterTest,
  afterTraining,
  learningRateAt,
  type RateSettings,
  type Schedule,
  type ScheduleState,
  scheduleStart,
  type Warmup,
} from './optimizer/schedule.js';
export { Sgd, type SgdConfig } from './optimizer/sgd.js';
export { type CommonRecipe, checkCommonRecipe, withIterations } from './recipe/common-recipe.js';
export { checkRecipe, type Recipe, recipe, recipes, upgradeRecipe } from './recipe/recipe.js';
export { markdownTable } from './run/markdown-table.js';
export { formatReport, type RunDescription } from './run/report.js';
export { type RunSummary, summarizeRun } from './run/run-summary.js';
