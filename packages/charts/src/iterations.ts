import type { Axis, Line, Stroke } from './draw-chart.js';

/** The most points of a training curve by default: more would be closer together than its dashes. */
const MOST_POINTS = 200;

interface Counted {
  iteration: number;
}

interface Point extends Counted {
  value: number;
}

/** The axis of the iterations of some runs, and how many make its unit. */
export function iterationAxis(runs: readonly (readonly Counted[])[]): { unit: number; axis: Axis } {
  // The paper's unit, 10⁴ iterations, only where the axis has at least one of it.
  const last = Math.max(1, ...runs.map((records) => records.at(-1)?.iteration ?? 0));
  const unit = last >= 1e4 ? 1e4 : 1;
  return { unit, axis: { title: unit === 1 ? 'iterations' : 'iterations (1e4)', end: last / unit } };
}

/** How many train records make one point by default. */
export function smoothing(records: readonly Counted[]): number {
  return Math.max(1, Math.ceil(records.length / MOST_POINTS));
}

/** Means of `count` records each, at the iteration of the last of them, which covers the steps before it. */
export function means<T extends Counted>(
  records: readonly T[],
  count: number,
  value: (record: T) => number,
): Point[] {
  return Array.from({ length: Math.ceil(records.length / count) }, (_, index) => {
    const averaged = records.slice(index * count, (index + 1) * count);
    const sum = averaged.reduce((total, record) => total + value(record), 0);
    return { iteration: averaged.at(-1)!.iteration, value: sum / averaged.length };
  });
}

/** @param scale what the values are multiplied by: 100 for percent */
export function lineOf(points: readonly Point[], unit: number, stroke: Stroke, scale = 1): Line {
  return {
    stroke,
    points: points.map(({ iteration, value }) => ({ x: iteration / unit, y: scale * value })),
  };
}
