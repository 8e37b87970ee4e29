import { drawChart } from '@resnet/charts';

/** The loss of every step of one training. */
export interface NamedLosses {
  /** For the legend. */
  label: string;
  losses: readonly number[];
}

/** Lines from the first, wide and pale, to the last, thin and dark, so that all can be seen where they coincide. */
const strokes = [
  { color: '#f2b56b', width: 7 },
  { color: '#8fc98a', width: 5 },
  { color: '#5aa5d8', width: 3 },
  { color: '#1b2a49', width: 1 },
];

/**
 * Draws up to four curves of losses into one picture, to be compared.
 *
 * @returns an SVG document
 */
export async function drawLosses(title: string, curves: readonly NamedLosses[]): Promise<string> {
  const lines = curves.map(({ label, losses }, index) => ({
    label,
    stroke: strokes[index]!,
    points: losses.map((loss, step) => ({ x: step + 1, y: loss })),
  }));
  return drawChart({
    title,
    x: { title: 'steps' },
    y: { title: 'loss' },
    lines,
    legends: [{ entries: lines }],
  });
}
