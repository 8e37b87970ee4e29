import type { LayerReport } from '../../worker/inside/layer-report.js';
import { moveByKeys } from './keys.js';
import { type Box, type Column, layoutOf, type ShortcutKind } from './layout.js';
import { svg } from './svg.js';
import { labelOf, times, titleOf } from './words.js';

/** Layers that are added in one task: more would make the page miss frames for deep networks. */
const LAYERS_A_TASK = 80;

export interface Drawing {
  /** Without its layers, which `fill` adds. */
  element: SVGSVGElement;
  fill(): Promise<void>;
  /** Shows which layer is open, by its number; `undefined` for none. */
  mark(opened: number | undefined): void;
  /** The kinds of shortcuts that the network has. */
  kinds: ReadonlySet<ShortcutKind>;
}

/**
 * A network as blocks with shortcuts. Layers are buttons: up and down go from one to the next, left and right from block to
 * block, Home and End to the ends.
 */
export function drawing(
  network: string,
  layers: readonly LayerReport[],
  onOpen: (number: number) => void,
): Drawing {
  const { width, height, columns, boxes, wires, shortcuts } = layoutOf(layers);
  const buttons = layers.map((layer, number) => {
    const { x, y, width, height } = boxes[number]!;
    return svg(
      'g',
      {
        class: `layer ${layer.kind.replaceAll(' ', '-')}`,
        'aria-label': titleOf(layer),
        'data-name': layer.name,
      },
      svg('title', {}, titleOf(layer)),
      svg('rect', { ...boxes[number]!, rx: 4 }),
      svg('text', { x: x + width / 2, y: y + height / 2 + 4 }, labelOf(layer)),
    );
  });
  const columnOf = new Map(columns.flatMap(({ layers }, column) => layers.map((number) => [number, column])));
  const mark = moveByKeys(buttons, (key, index) => target(key, index, columns, columnOf.get(index)!), onOpen);
  const element = svg(
    'svg',
    {
      class: 'drawing',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': network,
    },
    ...partLabels(columns, layers),
    ...columns.map(({ x, y, width, height, title, isBlock }) =>
      svg(
        'g',
        { class: isBlock ? 'block' : 'part', 'data-name': title },
        svg('rect', { x, y, width, height, rx: 8 }),
        ...(isBlock ? [svg('text', { x: x + 2, y: y - 12 }, title)] : []),
      ),
    ),
    svg('path', { class: 'wire', d: wires.join('') }),
    ...shortcuts.map(({ kind, block, path }) =>
      svg('path', { class: 'shortcut', 'data-kind': kind, 'data-block': block, d: path }),
    ),
  );
  const fill = async () => {
    for (let first = 0; first < buttons.length; first += LAYERS_A_TASK) {
      element.append(...buttons.slice(first, first + LAYERS_A_TASK));
      // Longer than a frame, so that each part is laid out in a separate frame.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { element, fill, mark, kinds: new Set(shortcuts.map(({ kind }) => kind)) };
}

function target(key: string, index: number, columns: readonly Column[], column: number): number | undefined {
  const firstOf = (column: number) => columns[Math.max(0, Math.min(columns.length - 1, column))]!.layers[0]!;
  switch (key) {
    case 'ArrowDown':
      return index + 1;
    case 'ArrowUp':
      return index - 1;
    case 'ArrowRight':
      return firstOf(column + 1);
    case 'ArrowLeft':
      return firstOf(column - 1);
    case 'Home':
      return 0;
    case 'End':
      return columns.at(-1)!.layers.at(-1)!;
    default:
      return undefined;
  }
}

/** Over the columns of each part of the network: its name, and the size of what it gives. */
function partLabels(columns: readonly Column[], layers: readonly LayerReport[]): SVGElement[] {
  const parts = new Map<string, { box: Box; last: number }>();
  for (const column of columns) {
    const { x, width } = column;
    const part = parts.get(column.part) ?? { box: { ...column }, last: 0 };
    part.box.width = x + width - part.box.x;
    part.last = column.layers.at(-1)!;
    parts.set(column.part, part);
  }
  return [...parts].map(([name, { box, last }]) =>
    svg(
      'g',
      { class: 'part-label' },
      svg('text', { x: box.x + 2, y: 18 }, svg('tspan', {}, name), `  ${times(layers[last]!.outputShape)}`),
      svg('path', { d: `M${box.x} 26h${box.width}` }),
    ),
  );
}
