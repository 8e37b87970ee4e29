import { parse, type Spec, View } from 'vega';
import type { MetricsRecord } from './metrics.js';

/** One network's curves. */
export interface CurvesOf {
  /** For the legend: 'ResNet-20'. */
  label: string;
  records: readonly MetricsRecord[];
}

/**
 * Draws training and test error against iterations as the paper's Figure 6 does: training error dashed, test error
 * bold, one colour a network.
 *
 * @returns an SVG document
 */
export async function drawCurves(title: string, networks: readonly CurvesOf[]): Promise<string> {
  const values = networks.flatMap(({ label, records }) =>
    records.map(({ kind, iteration, error }) => ({ label, kind, iteration, percent: 100 * error })),
  );
  const view = new View(parse(specification(title, values)), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

function specification(title: string, values: object[]): Spec {
  const x = { scale: 'x', field: 'iteration' };
  const y = { scale: 'y', field: 'percent' };
  const stroke = { scale: 'colour', field: 'label' };
  const isTest = "datum.kind === 'test'";
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    width: 560,
    height: 340,
    padding: 12,
    background: 'white',
    title: { text: title, fontSize: 15, anchor: 'start', offset: 12 },
    data: [{ name: 'points', values }],
    scales: [
      {
        name: 'x',
        type: 'linear',
        range: 'width',
        domain: { data: 'points', field: 'iteration' },
        zero: true,
        nice: true,
      },
      {
        name: 'y',
        type: 'linear',
        range: 'height',
        domain: { data: 'points', field: 'percent' },
        zero: true,
        nice: true,
      },
      { name: 'colour', type: 'ordinal', range: 'category', domain: { data: 'points', field: 'label' } },
      { name: 'width', type: 'ordinal', range: [1.2, 2.6], domain: ['train', 'test'] },
      { name: 'dash', type: 'ordinal', range: [[5, 4], []], domain: ['train', 'test'] },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: 'iterations', grid: false },
      { orient: 'left', scale: 'y', title: 'error (%)', grid: true },
    ],
    legends: [
      { stroke: 'colour', symbolType: 'stroke', symbolStrokeWidth: 2.6, title: 'network' },
      {
        strokeDash: 'dash',
        strokeWidth: 'width',
        symbolType: 'stroke',
        title: 'error',
        encode: { symbols: { update: { stroke: { value: '#444' } } } },
      },
    ],
    marks: [
      {
        type: 'group',
        from: { facet: { name: 'curve', data: 'points', groupby: ['label', 'kind'] } },
        marks: [
          {
            type: 'line',
            from: { data: 'curve' },
            encode: {
              enter: {
                x,
                y,
                stroke,
                strokeWidth: { scale: 'width', field: 'kind' },
                strokeDash: { scale: 'dash', field: 'kind' },
              },
            },
          },
          {
            type: 'symbol',
            from: { data: 'curve' },
            encode: {
              enter: { x, y, stroke, fill: { value: 'white' }, size: { signal: `${isTest} ? 26 : 0` } },
            },
          },
        ],
      },
    ],
  };
}
