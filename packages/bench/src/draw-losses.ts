import { parse, type Spec, View } from 'vega';

/** The loss of every step of one training. */
export interface NamedLosses {
  /** For the legend. */
  label: string;
  losses: readonly number[];
}

/** Lines from the first, wide and pale, to the last, thin and dark, so that all can be seen where they coincide. */
const [colours, widths] = [
  ['#f2b56b', '#8fc98a', '#5aa5d8', '#1b2a49'],
  [7, 5, 3, 1],
];

/**
 * Draws up to four curves of losses into one picture, to be compared.
 *
 * @returns an SVG document
 */
export async function drawLosses(title: string, curves: readonly NamedLosses[]): Promise<string> {
  const values = curves.flatMap(({ label, losses }) =>
    losses.map((loss, index) => ({ label, step: index + 1, loss })),
  );
  const labels = curves.map(({ label }) => label);
  const view = new View(parse(specification(title, labels, values)), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}

function specification(title: string, labels: string[], values: object[]): Spec {
  const axis = (name: string, range: 'width' | 'height', field: string) =>
    ({ name, type: 'linear', range, domain: { data: 'points', field }, zero: true, nice: true }) as const;
  return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    width: 560,
    height: 340,
    padding: 12,
    background: 'white',
    title: { text: title, fontSize: 15, anchor: 'start', offset: 12 },
    data: [{ name: 'points', values }],
    scales: [
      axis('x', 'width', 'step'),
      axis('y', 'height', 'loss'),
      { name: 'colour', type: 'ordinal', domain: labels, range: colours! },
      { name: 'width', type: 'ordinal', domain: labels, range: widths! },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: 'steps', grid: false },
      { orient: 'left', scale: 'y', title: 'loss', grid: true },
    ],
    legends: [{ stroke: 'colour', strokeWidth: 'width', symbolType: 'stroke', labelLimit: 0 }],
    marks: [
      {
        type: 'group',
        from: { facet: { name: 'curve', data: 'points', groupby: 'label' } },
        marks: [
          {
            type: 'line',
            from: { data: 'curve' },
            encode: {
              enter: {
                x: { scale: 'x', field: 'step' },
                y: { scale: 'y', field: 'loss' },
                stroke: { scale: 'colour', field: 'label' },
                strokeWidth: { scale: 'width', field: 'label' },
                strokeJoin: { value: 'round' },
              },
            },
          },
        ],
      },
    ],
  };
}
