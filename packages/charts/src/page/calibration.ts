import { formatCount, formatPercent } from '@resnet/core';
import type { Evaluation } from '@resnet/eval';
import { drawChart, type Line } from '../draw-chart.js';
import { Html, html } from './html.js';
import { scrollable, table } from './table.js';

const right = { color: '#4c78a8', width: 2.6 };
const calibrated = { color: '#444', width: 1.2, dash: [5, 4] };
const images = { color: '#f58518', width: 1.6 };

/** How well probabilities agree with the share of right predictions: the reliability diagram, and its numbers. */
export async function calibrationSection({ calibration, count }: Evaluation): Promise<Html> {
  const bins = calibration.map((bin, index) => ({
    low: index / calibration.length,
    high: (index + 1) / calibration.length,
    count: bin.count,
    probability: bin.probabilitySum / bin.count,
    right: bin.right / bin.count,
  }));
  const filled = bins.filter((bin) => bin.count > 0);
  const steps = bins.flatMap(({ low, high, count: images }) =>
    [low, high].map((x) => [x, images / count] as const),
  );
  const means = filled.map((bin) => [bin.probability, bin.right] as const);
  const chart = await drawChart({
    title: 'Reliability diagram',
    x: { title: 'probability of the predicted class (%)', end: 100 },
    y: { title: 'images (%)', end: 100 },
    lines: [
      lineOf(images, steps),
      {
        stroke: calibrated,
        points: [
          { x: 0, y: 0 },
          { x: 100, y: 100 },
        ],
      },
      { ...lineOf(right, means), marked: true },
    ],
    legends: [
      {
        entries: [
          { label: "right, of a bin's images", stroke: right },
          { label: 'right, if calibrated', stroke: calibrated },
          { label: "a bin's, of all images", stroke: images },
        ],
      },
    ],
  });
  const label = 'Reliability diagram, with the numbers of the table below';
  return html`<section>
<h2>Calibration</h2>
<p>Of the predictions that a calibrated network makes with 80 %, 80 % are right. Below the diagonal, the network is
overconfident.</p>
${scrollable('Reliability diagram', html`<div class="chart" role="img" aria-label="${label}">${new Html(chart.trimEnd())}</div>`)}${table(
  'Images by the probability of the predicted class',
  { probability: 'text', images: 'number', 'mean probability': 'number', right: 'number' },
  filled.map((bin) => [
    `${(100 * bin.low).toFixed(1)} to ${(100 * bin.high).toFixed(1)} %`,
    formatCount(bin.count),
    formatPercent(bin.probability),
    formatPercent(bin.right),
  ]),
)}</section>
`;
}

/** @param shares points, 0 to 1 */
function lineOf(stroke: Line['stroke'], shares: readonly (readonly [x: number, y: number])[]): Line {
  const points = shares.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  return { stroke, points: points.map(([x, y]) => ({ x: 100 * x, y: 100 * y })) };
}
