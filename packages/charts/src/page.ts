export { type DetectionReport, formatDetectionPage } from './detection-page.js';
export { formatEvaluationPage } from './evaluation-page.js';
export {
  type LabeledBox,
  type MistakeSummary,
  type ShownMistake,
  summarizeMistakes,
} from './page/detection/summarize-mistakes.js';
