import { ResnetError } from '@resnet/core';
import { drawChart, networkColors } from './draw-chart.js';

/** What a detector finds of a class: `VocClass` of `@resnet/boxes` is one. */
export interface ClassPrecision {
  name: string;
  /** Average precision, 0 to 1. */
  ap: number;
  /** After each detection, the highest score first. */
  precision: ArrayLike<number>;
  recall: ArrayLike<number>;
}

/** Points of a curve, beside its end. */
const POINTS = 200;

/**
 * Draws precision against recall, one color a class: at each recall the highest precision that is reached there or above, as PASCAL
 * VOC since 2010 and COCO count it. A curve ends at the highest recall.
 *
 * @param classes at most 10
 * @returns an SVG document
 * @throws OPTION_INVALID for more classes, or two of the same name and average precision
 */
export async function drawPrecisionRecall(
  title: string,
  classes: readonly ClassPrecision[],
): Promise<string> {
  const colors = networkColors(classes.length);
  const labels = classes.map(({ name, ap }) => `${name}: ${(100 * ap).toFixed(1)} %`);
  if (new Set(labels).size < labels.length) {
    throw new ResnetError('OPTION_INVALID', `Classes must have different names, found ${labels.join(', ')}.`);
  }
  const drawn = classes.map((each, index) => ({ color: colors[index]!, width: 2, points: highest(each) }));
  return drawChart({
    title,
    x: { title: 'recall (%)', end: 100 },
    y: { title: 'precision (%)', end: 100 },
    lines: drawn.map(({ color, width, points }) => ({ points, stroke: { color, width } })),
    legends: [
      {
        title: 'class: average precision',
        entries: drawn.map(({ color, width }, index) => ({
          label: labels[index]!,
          stroke: { color, width },
        })),
      },
    ],
  });
}

/** The highest precision at each recall or above, in percent, at so many recalls and at the last. */
function highest({ precision, recall }: ClassPrecision): { x: number; y: number }[] {
  const points: { x: number; y: number }[] = [];
  const last = recall.length - 1;
  if (last < 0 || recall[last] === 0) return points;
  let [at, most] = [last, precision[last]!];
  points.push({ x: 100 * recall[last]!, y: 100 * most });
  for (let point = Math.ceil(recall[last]! * POINTS) - 1; point >= 0; point--) {
    while (at >= 0 && recall[at]! >= point / POINTS) most = Math.max(most, precision[at--]!);
    points.push({ x: (100 * point) / POINTS, y: 100 * most });
  }
  return points.reverse();
}
