export { type ExperimentDescription, type ExperimentResult, formatExperiment } from './experiment/report.js';
export {
  type Comparison,
  compareRow,
  type RowResult,
  type RowTest,
  type TableResult,
} from './paper/compare-row.js';
export { type DetectionRow, type DetectionTable, detectionTables } from './paper/detection-tables.js';
export type { DescribedWeights, WeightsSource } from './paper/match-weights.js';
export { type NetworkSizes, sizesOfRows } from './paper/network-sizes.js';
export type * from './paper/paper-table.js';
export { paperTables } from './paper/paper-tables.js';
export {
  testWeights,
  type WeightsTest,
  type WeightsTestOptions,
  type WeightsTests,
} from './paper/test-weights.js';
export { formatSampleStatistics, type SampleStatistics, sampleStatistics } from './sample-statistics.js';
