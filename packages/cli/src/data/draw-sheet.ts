import type { Image } from '@resnet/data';
import sharp, { type OverlayOptions } from 'sharp';

/** Images in a row of a sheet. */
export const TILES_A_ROW = 8;

/** In pixels. */
const TILE = 160;
export const GAP = 8;
export const LINE = 22;

export interface SheetEntry {
  /** Below the first of the images. */
  label: string;
  /** The same number in all entries, at most that of a row. */
  images: readonly Image[];
}

/** Draws images side by side, each entry's together, scaled to tiles of one size. @returns a PNG */
export async function drawSheet(entries: readonly SheetEntry[]): Promise<Uint8Array> {
  const tiles = entries[0]!.images.length;
  const entriesARow = Math.floor(TILES_A_ROW / tiles);
  const rows = Math.ceil(entries.length / entriesARow);
  const rowHeight = TILE + LINE + GAP;
  const width = GAP + TILES_A_ROW * (TILE + GAP);
  const parts: OverlayOptions[] = [];
  for (const [index, { label, images }] of entries.entries()) {
    const top = GAP + Math.floor(index / entriesARow) * rowHeight;
    const left = GAP + (index % entriesARow) * tiles * (TILE + GAP);
    for (const [tile, image] of images.entries()) {
      parts.push(await drawTile(image, top, left + tile * (TILE + GAP)));
    }
    parts.push({ input: drawLabel(label, tiles * (TILE + GAP) - GAP), top: top + TILE, left });
  }
  return sharp({ create: { width, height: GAP + rows * rowHeight, channels: 3, background: '#ffffff' } })
    .composite(parts)
    .png()
    .toBuffer();
}

/** The image as large as the tile allows, in its middle; pixels of small images stay visible. */
async function drawTile({ pixels, height, width, channels }: Image, top: number, left: number) {
  const isSmall = Math.max(height, width) <= TILE;
  const { data, info } = await sharp(pixels, { raw: { height, width, channels: channels as 1 | 3 } })
    .resize({ width: TILE, height: TILE, fit: 'inside', kernel: isSmall ? 'nearest' : 'lanczos3' })
    .png()
    .toBuffer({ resolveWithObject: true });
  return {
    input: data,
    top: top + Math.floor((TILE - info.height) / 2),
    left: left + Math.floor((TILE - info.width) / 2),
  };
}

/** A line of text below images, cut off where it is too long. */
export function drawLabel(text: string, width: number): Buffer {
  const most = Math.floor(width / 7.5);
  const shown = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${LINE}">` +
      `<text x="0" y="15" font-family="sans-serif" font-size="13">${escaped(shown)}</text></svg>`,
  );
}

/** A text as XML. Names of folders may contain any characters; XML allows no control characters and no lone surrogates. */
export function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
