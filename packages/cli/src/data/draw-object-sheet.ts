import type { Image, ImageObjects } from '@resnet/data';
import sharp, { type OverlayOptions } from 'sharp';
import { drawLabel, escaped, GAP, LINE } from './draw-sheet.js';

/** Images in a row of a sheet: fewer and larger than without objects, so that the classes can be read. */
const TILES_A_ROW = 3;
/** In pixels. */
const TILE = 440;
const FONT = 11;
/** Of a bold capital of that size. */
const LETTER = 7.7;
/** The longest name of a class. */
const MOST_LETTERS = 20;
/** Degrees between the colors of classes, so that any number of them differ. */
const GOLDEN_ANGLE = 137.508;

export interface ObjectEntry {
  /** Below the image. */
  label: string;
  image: Image;
  objects: ImageObjects;
  classes: readonly string[];
  /** What is written at each object. Default: its class. */
  texts?: readonly string[];
}

/** Draws images side by side, scaled to tiles of one size, with boxes and the names of classes. @returns a PNG */
export async function drawObjectSheet(entries: readonly ObjectEntry[]): Promise<Uint8Array> {
  const rows = Math.ceil(entries.length / TILES_A_ROW);
  const width = GAP + TILES_A_ROW * (TILE + GAP);
  const tiles = await Promise.all(entries.map(({ image }) => scaled(image)));
  // A row is as high as its images, which mostly lie.
  const heights = Array.from({ length: rows }, (_, row) =>
    Math.max(...tiles.slice(row * TILES_A_ROW, (row + 1) * TILES_A_ROW).map(({ info }) => info.height)),
  );
  const parts: OverlayOptions[] = [];
  let top = GAP;
  for (const [index, entry] of entries.entries()) {
    const { data, info } = tiles[index]!;
    const row = Math.floor(index / TILES_A_ROW);
    const left = GAP + (index % TILES_A_ROW) * (TILE + GAP);
    const shift = Math.floor((TILE - info.width) / 2);
    parts.push({ input: data, top, left: left + shift });
    parts.push({ input: drawBoxes(entry, info), top, left: left + shift });
    parts.push({ input: drawLabel(entry.label, TILE), top: top + heights[row]!, left });
    if (index % TILES_A_ROW === TILES_A_ROW - 1) top += heights[row]! + LINE + GAP;
  }
  const height = GAP + heights.reduce((sum, each) => sum + each + LINE + GAP, 0);
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite(parts)
    .png()
    .toBuffer();
}

async function scaled({ pixels, height, width, channels }: Image) {
  const isSmall = Math.max(height, width) <= TILE;
  return sharp(pixels, { raw: { height, width, channels: channels as 1 | 3 } })
    .resize({ width: TILE, height: TILE, fit: 'inside', kernel: isSmall ? 'nearest' : 'lanczos3' })
    .png()
    .toBuffer({ resolveWithObject: true });
}

/** An SVG to lay over the image, scaled to this size. The names lie over all boxes. */
function drawBoxes(
  { image, objects, classes, texts }: ObjectEntry,
  { height, width }: { height: number; width: number },
): Buffer {
  const boxes: string[] = [];
  const names: string[] = [];
  for (const [object, label] of objects.labels.entries()) {
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((side) => {
      const value = objects.boxes[4 * object + side]!;
      return side % 2 === 0 ? (value * width) / image.width : (value * height) / image.height;
    }) as [number, number, number, number];
    const color = `hsl(${Math.round((label * GOLDEN_ANGLE) % 360)}, 85%, 35%)`;
    const isMarked = objects.difficult?.[object] || objects.crowd?.[object];
    // The stroke's middle is on the edge of the outermost pixels.
    boxes.push(
      `<rect x="${x1 + 1}" y="${y1 + 1}" width="${Math.max(1, x2 - x1 - 2)}" height="${Math.max(1, y2 - y1 - 2)}" ` +
        `fill="none" stroke="${color}" stroke-width="2"${isMarked ? ' stroke-dasharray="5 3"' : ''}/>`,
    );
    const name = (texts?.[object] ?? classes[label]!).slice(0, MOST_LETTERS);
    const wide = name.length * LETTER + 4;
    const x = Math.max(0, Math.min(x1, width - wide));
    const y = Math.min(y1, height - FONT - 3);
    names.push(
      `<rect x="${x}" y="${y}" width="${wide}" height="${FONT + 3}" fill="${color}"/>` +
        `<text x="${x + 2}" y="${y + FONT}" fill="#ffffff">${escaped(name)}</text>`,
    );
  }
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join('')}` +
      `<g font-family="sans-serif" font-size="${FONT}" font-weight="bold">${names.join('')}</g></svg>`,
  );
}
