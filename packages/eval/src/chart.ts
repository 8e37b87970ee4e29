export { beside } from './beside.js';
export {
  type Axis,
  type Chart,
  drawChart,
  type Legend,
  type Line,
  networkColours,
  type Stroke,
} from './draw-chart.js';
export { drawFigure7, type ResponsesOf } from './figure7.js';
