import { checkInteger, ResnetError } from '@resnet/core';
import { drawChart, type Line, networkColors, type Stroke } from './draw-chart.js';

/** One line of a run's log, as far as curves need it; `MetricsRecord` of `@resnet/train` is one. */
export interface CurveRecord {
  kind: 'train' | 'test';
  /** Steps done. */
  iteration: number;
  /** Share of images misclassified, 0 to 1. */
  error: number;
}

/** One network's curves. */
export interface CurvesOf {
  /** For the legend: 'ResNet-20'. Labels must differ. */
  label: string;
  records: readonly CurveRecord[];
}

export interface CurvesOptions {
  /** How many train records are averaged to one point. By default as many as leave at most 200 points a network. */
  smooth?: number;
  /** Where the axis of the error ends, as a share above 0; curves are cut off there. By default it includes all points. */
  maxError?: number;
}

/** The most points of a training curve by default: more would be closer together than its dashes. */
const MOST_POINTS = 200;

/** The most tests that are drawn with a circle each. */
const MOST_CIRCLES = 20;

const test = { width: 2.6 };
const train = { width: 1.2, dash: [5, 4] };

/**
 * Draws training and test error against iterations as the paper's Figure 6 does: training error dashed, test error
 * bold, one color a network.
 *
 * @param networks at most 10
 * @returns an SVG document
 * @throws OPTION_INVALID
 */
export async function drawCurves(
  title: string,
  networks: readonly CurvesOf[],
  { smooth, maxError }: CurvesOptions = {},
): Promise<string> {
  check(smooth, maxError);
  const colors = networkColors(networks.length);
  // The paper's unit, 10⁴ iterations, only where the axis has at least one of it.
  const last = Math.max(1, ...networks.map(({ records }) => records.at(-1)?.iteration ?? 0));
  const unit = last >= 1e4 ? 1e4 : 1;
  const drawn = networks.map(({ label, records }, index) => {
    const color = colors[index]!;
    const trained = records.filter(({ kind }) => kind === 'train');
    const tested = records.filter(({ kind }) => kind === 'test');
    const points = average(trained, smooth ?? Math.max(1, Math.ceil(trained.length / MOST_POINTS)));
    return {
      label,
      train: lineOf(points, unit, { color, ...train }),
      test: { ...lineOf(tested, unit, { color, ...test }), marked: tested.length <= MOST_CIRCLES },
    };
  });
  return drawChart({
    title,
    x: { title: unit === 1 ? 'iterations' : 'iterations (1e4)', end: last / unit },
    y: { title: 'error (%)', ...(maxError === undefined ? {} : { end: 100 * maxError }) },
    lines: [...drawn.map(({ train }) => train), ...drawn.map(({ test }) => test)],
    legends: [
      { title: 'network', entries: drawn.map(({ label, test }) => ({ label, stroke: test.stroke })) },
      {
        title: 'error',
        entries: [
          { label: 'train', stroke: { color: '#444', ...train } },
          { label: 'test', stroke: { color: '#444', ...test } },
        ],
      },
    ],
  });
}

interface Point {
  iteration: number;
  error: number;
}

/** Means of `count` records each, at the iteration of the last of them, which covers the steps before it. */
function average(records: readonly Point[], count: number): Point[] {
  return Array.from({ length: Math.ceil(records.length / count) }, (_, index) => {
    const averaged = records.slice(index * count, (index + 1) * count);
    const error = averaged.reduce((sum, record) => sum + record.error, 0) / averaged.length;
    return { iteration: averaged.at(-1)!.iteration, error };
  });
}

function lineOf(points: readonly Point[], unit: number, stroke: Stroke): Line {
  return {
    stroke,
    points: points.map(({ iteration, error }) => ({ x: iteration / unit, y: 100 * error })),
  };
}

function check(smooth = 1, maxError = 1): void {
  checkInteger('smooth', smooth, 1);
  if (maxError > 0 && maxError <= 1) return;
  const message = `'maxError' must be a share above 0 and at most 1, found ${maxError}.`;
  throw new ResnetError('OPTION_INVALID', message);
}
