import { checkInteger, ResnetError } from '@resnet/core';
import { drawChart, networkColors } from './draw-chart.js';
import { iterationAxis, lineOf, means, smoothing } from './iterations.js';

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

/** The most tests that are drawn with a circle each. */
export const MOST_CIRCLES = 20;

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
  const { unit, axis } = iterationAxis(networks.map(({ records }) => records));
  const errorOf = ({ error }: CurveRecord) => error;
  const drawn = networks.map(({ label, records }, index) => {
    const color = colors[index]!;
    const trained = records.filter(({ kind }) => kind === 'train');
    const tested = records.filter(({ kind }) => kind === 'test');
    return {
      label,
      train: lineOf(means(trained, smooth ?? smoothing(trained), errorOf), unit, { color, ...train }, 100),
      test: {
        ...lineOf(means(tested, 1, errorOf), unit, { color, ...test }, 100),
        marked: tested.length <= MOST_CIRCLES,
      },
    };
  });
  return drawChart({
    title,
    x: axis,
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

function check(smooth = 1, maxError = 1): void {
  checkInteger('smooth', smooth, 1);
  if (maxError > 0 && maxError <= 1) return;
  const message = `'maxError' must be a share above 0 and at most 1, found ${maxError}.`;
  throw new ResnetError('OPTION_INVALID', message);
}
