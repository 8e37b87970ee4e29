import { drawChart, type Line, networkColors } from './draw-chart.js';
import { sideBySide } from './side-by-side.js';

/** How much a layer's output varies, as far as the figure needs it; `LayerResponse` of `@resnet/eval` is one. */
export interface LayerDeviation {
  /** Side of the filter: the figure shows layers of 3. */
  size: number;
  /** Standard deviation of all values. */
  std: number;
}

/** One network's responses. */
export interface ResponsesOf {
  /** For the legend: 'ResNet-20'. Labels must differ. */
  label: string;
  responses: readonly LayerDeviation[];
}

/**
 * Draws the standard deviations of the responses of 3×3 layers as the paper's Figure 7, one color a network: on the left in
 * the layers' order, on the right from the largest to the smallest.
 *
 * @param networks at most 10
 * @returns an SVG document
 * @throws OPTION_INVALID
 */
export async function drawFigure7(networks: readonly ResponsesOf[]): Promise<string> {
  const colors = networkColors(networks.length);
  const drawn = networks.map(({ label, responses }, index) => ({
    label,
    stroke: { color: colors[index]!, width: 2 },
    stds: responses.filter(({ size }) => size === 3).map(({ std }) => std),
  }));
  const legend = { title: 'network', entries: drawn };
  return sideBySide([
    await drawChart({
      title: 'Layer responses in original order',
      x: { title: 'layer index (original)' },
      y: { title: 'std' },
      lines: drawn.map(({ stds, stroke }) => lineOf(stds, stroke)),
      legends: [],
    }),
    await drawChart({
      title: 'Layer responses by magnitude',
      x: { title: 'layer index (sorted by magnitude)' },
      y: { title: 'std' },
      lines: drawn.map(({ stds, stroke }) =>
        lineOf(
          stds.toSorted((a, b) => b - a),
          stroke,
        ),
      ),
      legends: [legend],
    }),
  ]);
}

/** The first layer's index is 1. */
function lineOf(stds: readonly number[], stroke: Line['stroke']): Line {
  return { stroke, points: stds.map((std, index) => ({ x: index + 1, y: std })) };
}
