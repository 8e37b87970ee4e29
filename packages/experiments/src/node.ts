export {
  type ConstructionOptions,
  type ConstructionOutcome,
  type ConstructionStart,
  runConstruction,
  type TrainingError,
} from './experiment/construction.js';
export { type DegradationOptions, runDegradation } from './experiment/degradation.js';
export type {
  ExperimentEvent,
  ExperimentOptions,
  ExperimentOutcome,
  ExperimentRun,
  PlannedRun,
} from './experiment/experiment.js';
export { openExperiment } from './experiment/experiment-folder.js';
export { type RepeatOptions, type RepeatOutcome, runRepeat } from './experiment/repeat.js';
