export { type CurveRecord, type CurvesOf, type CurvesOptions, drawCurves } from './curves.js';
export { drawLosses, drawPrecision, type LossRecord } from './detector-curves.js';
export {
  type Axis,
  type Chart,
  drawChart,
  type Legend,
  type Line,
  networkColors,
  type Stroke,
} from './draw-chart.js';
export { drawFigure6, type FinishedCurves } from './figure6.js';
export { drawFigure7, type LayerDeviation, type ResponsesOf } from './figure7.js';
export { type ClassPrecision, drawPrecisionRecall } from './precision-recall.js';
export { sideBySide } from './side-by-side.js';
