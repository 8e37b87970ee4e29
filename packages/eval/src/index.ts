export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.js';
export { type Prediction, predict } from './predict.js';
