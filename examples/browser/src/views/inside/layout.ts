import type { LayerReport } from '../../worker/inside/layer-report.js';

/** Sizes in pixels. */
const BOX = { width: 138, height: 24, gap: 10 };
const PADDING = 12;
const TOP = 58;
const GUTTER = 26;
/** From a shortcut's curve to the boxes that it goes around. */
const BEND = 20;

interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

/** A block, or the layers between two blocks, as a column. */
export interface Column extends Box {
  /** A block's name, such as 'layer1.0'; of other layers the part of the network, such as 'stem'. */
  title: string;
  part: string;
  isBlock: boolean;
  /** The numbers of its layers, in the order of the network. */
  layers: number[];
}

/**
 * How a block's input gets around the block's layers: unchanged, by option A, or by a projection; 'carry' is the shortcut of a
 * highway network, which a gate mixes in.
 */
export type ShortcutKind = 'identity' | 'A' | 'projection' | 'carry';

export interface Shortcut {
  kind: ShortcutKind;
  block: string;
  /** As SVG writes it. */
  path: string;
}

export interface Layout {
  width: number;
  height: number;
  columns: Column[];
  /** Of each layer, by its number. */
  boxes: Box[];
  /** Paths between layers, as SVG writes them. */
  wires: string[];
  shortcuts: Shortcut[];
}

/**
 * The positions of a network's layers: blocks are columns from left to right; in each, the layers from top to bottom, and to the
 * right of these the layers of the shortcut.
 */
export function layoutOf(layers: readonly LayerReport[]): Layout {
  const columns: Column[] = [];
  const boxes: Box[] = [];
  const wires: string[] = [];
  const shortcuts: Shortcut[] = [];
  const numbers = new Map(layers.map(({ name }, number) => [name, number]));
  const inputsOf: Inputs = (number) => layers[number]!.inputs.map((input) => numbers.get(input));
  let x = GUTTER;
  let exit: Point | undefined;

  for (const members of groupsOf(layers)) {
    const group = placeGroup(layers, members, x, boxes);
    const { main, side, entry } = group;
    const { block, part } = layers[members[0]!]!;
    const title = block ?? part;
    const bottom = bottomOf(boxes[main.at(-1)!]!);
    const width =
      2 * PADDING +
      BOX.width +
      (side.length > 0 ? BEND + BOX.width : 0) +
      (hasCurves(main, inputsOf) ? BEND : 0);
    const height = bottom + PADDING - TOP;
    columns.push({ x, y: TOP, width, height, title, part, isBlock: block !== undefined, layers: members });

    if (exit) wires.push(elbow(exit, x - GUTTER / 2, entry));
    for (const [row, number] of main.entries()) {
      for (const [index, input] of inputsOf(number).entries()) {
        const { path, kind } = connection(layers, group, boxes, { row, input, index });
        if (kind) shortcuts.push({ kind, block: title, path });
        else wires.push(path);
      }
    }
    exit = { x: entry.x, y: bottom };
    x += width + GUTTER;
  }
  const height = Math.max(...columns.map(bottomOf)) + GUTTER;
  return { width: x, height, columns, boxes, wires, shortcuts };
}

/** A column's layers, by their numbers, and where its input enters. */
interface Group {
  /** Those that the shortcut goes around. */
  main: number[];
  /** Those of the shortcut. */
  side: number[];
  entry: Point;
}

/** The layers whose results a layer takes; `undefined` is the image. */
type Inputs = (number: number) => (number | undefined)[];

/** Gives the layers of a column, whose left edge is at `x`, their boxes. */
function placeGroup(
  layers: readonly LayerReport[],
  members: readonly number[],
  x: number,
  boxes: Box[],
): Group {
  const side = members.filter((number) => isOfShortcut(layers[number]!));
  const main = members.filter((number) => !side.includes(number));
  const left = x + PADDING;
  const boxAt = (left: number, row: number): Box => ({
    x: left,
    y: TOP + PADDING + row * (BOX.height + BOX.gap),
    width: BOX.width,
    height: BOX.height,
  });
  for (const [row, number] of main.entries()) boxes[number] = boxAt(left, row);
  for (const [row, number] of side.entries()) boxes[number] = boxAt(left + BOX.width + BEND, row + 1);
  return { main, side, entry: { x: left + BOX.width / 2, y: TOP } };
}

/** Whether a layer takes more than the result of the layer above it. */
function hasCurves(main: readonly number[], inputsOf: Inputs): boolean {
  return main.some((number, row) => row > 0 && inputsOf(number).some((input) => input !== main[row - 1]));
}

/** The path from an input to the layer in a row of `main`; with a kind if it is the block's shortcut. */
function connection(
  layers: readonly LayerReport[],
  { main, side, entry }: Group,
  boxes: readonly Box[],
  { row, input, index }: { row: number; input: number | undefined; index: number },
): { path: string; kind?: ShortcutKind } {
  const number = main[row]!;
  const box = boxes[number]!;
  const isInside = input !== undefined && main.includes(input);
  if (row === 0 || (isInside && input === main[row - 1])) {
    const from = row === 0 ? entry.y : box.y - BOX.gap;
    return { path: `M${entry.x} ${from}V${box.y}` };
  }
  const end = exitOf(box);
  if (input !== undefined && side.includes(input)) {
    const kind = layers[input]!.kind === 'shortcut A' ? 'A' : 'projection';
    return { kind, path: sidePath(entry, side, boxes, boxes[input]!, end) };
  }
  // From the top of the block, or from a layer further up.
  const path = curveAround(isInside ? exitOf(boxes[input]!) : { x: entry.x, y: entry.y + 5 }, end);
  const { kind } = layers[number]!;
  if (isInside) return { path };
  if (kind === 'gating' && index === 2) return { path, kind: 'carry' };
  return kind === 'addition' ? { path, kind: 'identity' } : { path };
}

/** From a block's entry through the boxes of its shortcut to the layer that takes their result. */
function sidePath(
  entry: Point,
  side: readonly number[],
  boxes: readonly Box[],
  last: Box,
  end: Point,
): string {
  const first = boxes[side[0]!]!;
  const center = first.x + BOX.width / 2;
  return [
    `M${entry.x} ${entry.y + 5}C${center} ${entry.y + 5} ${center} ${entry.y + 10} ${center} ${first.y}`,
    ...side.slice(1).map((number) => `M${center} ${boxes[number]!.y - BOX.gap}v${BOX.gap}`),
    `M${center} ${bottomOf(last)}C${center} ${end.y} ${center} ${end.y} ${end.x} ${end.y}`,
  ].join('');
}

/** Behind the other boxes, around them. */
function curveAround(start: Point, end: Point): string {
  const bend = end.x + 1.3 * BEND;
  return `M${start.x} ${start.y}C${bend} ${start.y} ${bend} ${start.y} ${bend} ${start.y + 24}V${end.y - 24}C${bend} ${end.y} ${bend} ${end.y} ${end.x} ${end.y}`;
}

/** The middle of a box's right edge. */
function exitOf(box: Box): Point {
  return { x: box.x + box.width, y: box.y + box.height / 2 };
}

function bottomOf({ y, height }: Box): number {
  return y + height;
}

/** The layers of each block, and those between two blocks. */
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
function elbow(from: Point, gap: number, to: Point): string {
  const below = from.y + PADDING + 8;
  const above = to.y - 8;
  return `M${from.x} ${from.y}V${below}H${gap}V${above}H${to.x}V${to.y}`;
}
