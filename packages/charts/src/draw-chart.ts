import { ResnetError } from '@resnet/core';
import { type LegendEncode, type Mark, parse, type Spec, View } from 'vega';

/** How a line looks: a CSS color, its width in pixels, and the lengths of dashes and gaps, if it has any. */
export interface Stroke {
  color: string;
  width: number;
  dash?: readonly number[];
}

export interface Line {
  points: readonly { x: number; y: number }[];
  stroke: Stroke;
  /** Whether each point gets a small circle. */
  marked?: boolean;
}

/** Starts at 0. Without an end it includes all points. */
export interface Axis {
  title: string;
  end?: number;
}

/** Labels must differ. */
export interface Legend {
  title?: string;
  entries: readonly { label: string; stroke: Stroke }[];
}

export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  /** Later ones lie over earlier ones. */
  lines: readonly Line[];
  /** On the right, one below the other. */
  legends: readonly Legend[];
}

const colors = [
  '#4c78a8',
  '#f58518',
  '#54a24b',
  '#e45756',
  '#b279a2',
  '#72b7b2',
  '#9d755d',
  '#eeca3b',
  '#ff9da6',
  '#79706e',
];

/**
 * A color for each of so many networks, the same ones in all drawings.
 *
 * @throws OPTION_INVALID if there are more than 10
 */
export function networkColors(count: number): string[] {
  if (count <= colors.length) return colors.slice(0, count);
  throw new ResnetError(
    'OPTION_INVALID',
    `A drawing has colors for ${colors.length} networks, found ${count}. Make several.`,
  );
}

/** Characters that XML does not allow; names of folders may have them. */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * Draws lines over a frame, with legends beside it: the look that all charts of this project share.
 *
 * @returns an SVG document
 */
export async function drawChart(chart: Chart): Promise<string> {
  const view = new View(parse(specification(chart)), { renderer: 'none' });
  try {
    return `${(await view.toSVG()).replace(NO_XML, '\ufffd')}\n`;
  } finally {
    view.finalize();
  }
}

function specification({ title, x, y, lines, legends }: Chart): Spec {
  const largest = (axis: 'x' | 'y') =>
    lines.reduce((most, { points }) => points.reduce((a, point) => Math.max(a, point[axis]), most), 0) || 1;
  const axisStyle = { labelFontSize: 11, titleFontSize: 12, titlePadding: 8 };
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    width: 560,
    height: 340,
    padding: 12,
    background: 'white',
    config: { legend: { layout: { right: { anchor: 'start', direction: 'vertical', margin: 16 } } } },
    title: { text: title, fontSize: 15, anchor: 'start', offset: 12 },
    data: lines.map(({ points }, index) => ({ name: `line${index}`, values: [...points] })),
    scales: [
      { name: 'x', type: 'linear', range: 'width', domain: [0, x.end ?? largest('x')] },
      {
        name: 'y',
        type: 'linear',
        range: 'height',
        domain: [0, y.end ?? largest('y')],
        nice: y.end === undefined,
      },
      ...legends.flatMap(legendScales),
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: x.title, grid: false, tickCount: 8, ...axisStyle },
      { orient: 'left', scale: 'y', title: y.title, grid: true, tickCount: 8, ...axisStyle },
    ],
    legends: legends.map(({ title }, index) => ({
      ...(title === undefined ? {} : { title }),
      stroke: `color${index}`,
      strokeWidth: `width${index}`,
      strokeDash: `dash${index}`,
      symbolType: 'stroke',
      // Long enough to show dashes. Rows get the same height, which the padding takes back.
      symbolSize: 600,
      rowPadding: -6,
      titlePadding: 0,
      labelFontSize: 11,
      titleFontSize: 12,
      labelLimit: 0,
      titleLimit: 0,
      encode: { symbols: { update: { strokeCap: { value: 'butt' } } } } satisfies LegendEncode,
    })),
    marks: lines.flatMap(lineMarks),
  };
}

function legendScales({ entries }: Legend, index: number): NonNullable<Spec['scales']> {
  const domain = entries.map(({ label }) => label);
  const range = (of: (stroke: Stroke) => unknown) => entries.map(({ stroke }) => of(stroke)) as string[];
  return [
    { name: `color${index}`, type: 'ordinal', domain, range: range(({ color }) => color) },
    { name: `width${index}`, type: 'ordinal', domain, range: range(({ width }) => width) },
    { name: `dash${index}`, type: 'ordinal', domain, range: range(({ dash = [] }) => dash) },
  ];
}

/** Cut off above the frame only, so that strokes and circles on its other sides stay whole. */
const clip = { path: { signal: "'M-8,0H' + (width + 8) + 'V' + (height + 8) + 'H-8Z'" } };

function lineMarks({ stroke, marked }: Line, index: number): Mark[] {
  const position = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } };
  const from = { data: `line${index}` };
  const color = { stroke: { value: stroke.color } };
  const line: Mark = {
    type: 'line',
    from,
    clip,
    encode: {
      enter: {
        ...position,
        ...color,
        strokeWidth: { value: stroke.width },
        strokeDash: { value: [...(stroke.dash ?? [])] },
        strokeJoin: { value: 'round' },
      },
    },
  };
  if (!marked) return [line];
  const encode = { enter: { ...position, ...color, fill: { value: 'white' }, size: { value: 26 } } };
  return [line, { type: 'symbol', from, clip, encode }];
}
