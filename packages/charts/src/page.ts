export { formatEvaluationPage } from './evaluation-page.js';
