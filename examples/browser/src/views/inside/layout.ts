import type { LayerReport } from '../../worker/inside/layer-report.js';

/** Sizes in pixels. */
const BOX = { width: 138, height: 24, gap: 10 };
const PADDING = 12;
const TOP = 58;
const GUTTER = 26;
/** From a shortcut's curve to the boxes that it goes around. */
const BEND = 20;

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A block, or what stands between blocks, as a column. */
export interface Column extends Place {
  /** 'layer1.0'; of what is no block, the part of the network: 'stem'. */
  title: string;
  part: string;
  isBlock: boolean;
  /** Of its layers, in the order of the network. */
  layers: number[];
}

/**
 * How a block's input, or what is made of it, comes around the block's layers: as it is, by option A, by a projection; 'carry'
 * is that of a highway network, which a gate mixes in.
 */
export type ShortcutKind = 'identity' | 'A' | 'projection' | 'carry';

export interface Shortcut {
  kind: ShortcutKind;
  block: string;
  /** The path of an SVG. */
  path: string;
}

export interface Layout {
  width: number;
  height: number;
  columns: Column[];
  /** Of each layer. */
  boxes: Place[];
  /** Paths of an SVG between layers. */
  wires: string[];
  shortcuts: Shortcut[];
}

/**
 * Where a network's layers stand: blocks as columns from the left to the right, in each the layers from the top to the bottom,
 * and on the right of those the layers of the shortcut.
 */
export function layoutOf(layers: readonly LayerReport[]): Layout {
  const columns: Column[] = [];
  const boxes: Place[] = [];
  const wires: string[] = [];
  const shortcuts: Shortcut[] = [];
  const numbers = new Map(layers.map(({ name }, number) => [name, number]));
  let x = GUTTER;
  let exit: { x: number; y: number } | undefined;

  for (const members of groupsOf(layers)) {
    const { block, part } = layers[members[0]!]!;
    const side = members.filter((number) => isOfShortcut(layers[number]!));
    const main = members.filter((number) => !side.includes(number));
    const left = x + PADDING;
    const middle = left + BOX.width / 2;
    const right = left + BOX.width;
    const sideLeft = right + BEND;
    const entry = { x: middle, y: TOP };
    const boxAt = (left: number, row: number): Place => ({
      x: left,
      y: TOP + PADDING + row * (BOX.height + BOX.gap),
      width: BOX.width,
      height: BOX.height,
    });
    for (const [row, number] of main.entries()) boxes[number] = boxAt(left, row);
    for (const [row, number] of side.entries()) boxes[number] = boxAt(sideLeft, row + 1);

    const curves = main.some(
      (number, row) => row > 0 && inputsOf(number).some((input) => input !== main[row - 1]),
    );
    const width = 2 * PADDING + BOX.width + (side.length ? BEND + BOX.width : 0) + (curves ? BEND : 0);
    const height = boxes[main.at(-1)!]!.y + BOX.height + PADDING - TOP;
    const isBlock = block !== undefined;
    columns.push({ x, y: TOP, width, height, title: block ?? part, part, isBlock, layers: members });

    if (exit) wires.push(elbow(exit, x - GUTTER / 2, entry));
    for (const [row, number] of main.entries()) {
      const box = boxes[number]!;
      const end = { x: right, y: box.y + BOX.height / 2 };
      for (const [place, input] of inputsOf(number).entries()) {
        const isInside = input !== undefined && main.includes(input);
        if (row === 0 || (isInside && input === main[row - 1])) {
          const from = row === 0 ? entry.y : box.y - BOX.gap;
          wires.push(`M${middle} ${from}V${box.y}`);
        } else if (input !== undefined && side.includes(input)) {
          const [first, last] = [boxes[side[0]!]!, boxes[input]!];
          const center = first.x + BOX.width / 2;
          const down = last.y + BOX.height;
          const between = side
            .slice(1)
            .map((number) => `M${center} ${boxes[number]!.y - BOX.gap}v${BOX.gap}`);
          const path = [
            `M${entry.x} ${entry.y + 5}C${center} ${entry.y + 5} ${center} ${entry.y + 10} ${center} ${first.y}`,
            ...between,
            `M${center} ${down}C${center} ${end.y} ${center} ${end.y} ${end.x} ${end.y}`,
          ].join('');
          const kind = layers[input]!.kind === 'shortcut A' ? 'A' : 'projection';
          shortcuts.push({ kind, block: block ?? part, path });
        } else {
          // From the top of the block, or from a layer further up; behind the other boxes, around them.
          const start = isInside
            ? { x: right, y: boxes[input!]!.y + BOX.height / 2 }
            : { ...entry, y: entry.y + 5 };
          const bend = right + 1.3 * BEND;
          const path = `M${start.x} ${start.y}C${bend} ${start.y} ${bend} ${start.y} ${bend} ${start.y + 24}V${end.y - 24}C${bend} ${end.y} ${bend} ${end.y} ${end.x} ${end.y}`;
          const { kind } = layers[number]!;
          const isCarried = kind === 'gating' && place === 2;
          if (!isInside && (kind === 'addition' || isCarried)) {
            shortcuts.push({ kind: isCarried ? 'carry' : 'identity', block: block ?? part, path });
          } else {
            wires.push(path);
          }
        }
      }
    }
    const last = boxes[main.at(-1)!]!;
    exit = { x: middle, y: last.y + BOX.height };
    x += width + GUTTER;
  }
  const height = Math.max(...columns.map((column) => column.y + column.height)) + GUTTER;
  return { width: x, height, columns, boxes, wires, shortcuts };

  /** The layers that one takes the results of; `undefined` for the image. */
  function inputsOf(number: number): (number | undefined)[] {
    return layers[number]!.inputs.map((input) => numbers.get(input));
  }
}

/** The layers of each block, and of what stands between blocks. */
function groupsOf(layers: readonly LayerReport[]): number[][] {
  const groups: number[][] = [];
  let last: string | undefined;
  for (const [number, { block, part }] of layers.entries()) {
    const name = block ?? part;
    if (name !== last) groups.push([]);
    groups.at(-1)!.push(number);
    last = name;
  }
  return groups;
}

function isOfShortcut({ name, block }: LayerReport): boolean {
  return block !== undefined && name.startsWith(`${block}.downsample`);
}

/** From the end of a column down, by the gap between two columns, to the top of the next. */
function elbow(from: { x: number; y: number }, gap: number, to: { x: number; y: number }): string {
  const below = from.y + PADDING + 8;
  const above = to.y - 8;
  return `M${from.x} ${from.y}V${below}H${gap}V${above}H${to.x}V${to.y}`;
}
