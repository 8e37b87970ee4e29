import type { Image } from '../image.js';
import type { Uncompressed } from './decode-uncompressed.js';
import { checkPixels, cutOff } from './errors.js';
import { runLengthDecoded } from './run-lengths.js';

/** The headers of a BMP. */
interface Header {
  width: number;
  height: number;
  /** Rows from the top instead of from the bottom. */
  isTopDown: boolean;
  bits: number;
  compression: number;
  /** The offset of the pixels. */
  start: number;
  /** RGB of each entry. */
  palette: Uint8Array;
  /** The bits of red, green and blue in a pixel of 16 or 32 bits. */
  masks: readonly number[];
}

const [PLAIN, RUNS_OF_8, RUNS_OF_4, MASKS, MASKS_AND_ALPHA] = [0, 1, 2, 3, 6];

/** Opens a BMP of Windows or OS/2. Transparency is ignored, as in Pillow. @throws Error */
export function openBmp(bytes: Uint8Array): Uncompressed {
  const header = readHeader(bytes);
  return { ...header, decode: () => decode(bytes, header) };
}

function decode(bytes: Uint8Array, header: Header): Image {
  const { width, height, isTopDown, bits, compression, start } = header;
  const pixels = new Uint8Array(3 * width * height);
  const isRuns = compression === RUNS_OF_8 || compression === RUNS_OF_4;
  const data = isRuns ? runLengthDecoded(bytes.subarray(start), header, bits === 4) : bytes.subarray(start);
  // Rows are padded to four bytes, except run-length coded ones.
  const rowBytes = isRuns ? width : 4 * Math.ceil((width * bits) / 32);
  const pixelBits = isRuns ? 8 : bits;
  for (let row = 0; row < height; row++) {
    const from = data.subarray((isTopDown ? row : height - 1 - row) * rowBytes);
    const to = pixels.subarray(3 * row * width, 3 * (row + 1) * width);
    if (pixelBits <= 8) copyIndexed(from, to, pixelBits, header.palette);
    else if (pixelBits === 24) copyColors(from, to);
    else copyMasked(from, to, pixelBits, header.masks);
  }
  return { pixels, height, width, channels: 3 };
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 26) throw cutOff('headers');
  const start = view.getUint32(10, true);
  const size = view.getUint32(14, true);
  const isOld = size === 12;
  if (!isOld && (size < 40 || size > 1024)) throw new Error(`a BMP with a header of ${size} bytes`);
  if (bytes.length < 14 + size) throw cutOff('headers');
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const signed = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? PLAIN : view.getUint32(30, true);
  checkPixels(width, Math.abs(signed));
  const isKnown =
    (compression === PLAIN && [1, 4, 8, 16, 24, 32].includes(bits)) ||
    (compression === RUNS_OF_8 && bits === 8) ||
    (compression === RUNS_OF_4 && bits === 4) ||
    ((compression === MASKS || compression === MASKS_AND_ALPHA) && (bits === 16 || bits === 32));
  if (!isKnown) throw new Error(`a BMP of ${bits} bits a pixel and compression ${compression}`);
  const isMasked = compression === MASKS || compression === MASKS_AND_ALPHA;
  if (isMasked && bytes.length < 66) throw cutOff('masks');
  // They follow the oldest header that has them, and are at the same offset in later ones.
  const masks = isMasked
    ? [54, 58, 62].map((position) => view.getUint32(position, true))
    : bits === 16
      ? [0x7c00, 0x3e0, 0x1f]
      : [0xff0000, 0xff00, 0xff];
  const needed =
    compression === PLAIN || isMasked ? 4 * Math.ceil((width * bits) / 32) * Math.abs(signed) : 0;
  if (start > bytes.length || bytes.length - start < needed) throw cutOff('pixels');
  const palette = bits <= 8 ? readPalette(bytes, 14 + size, isOld ? 3 : 4, start) : new Uint8Array();
  return { width, height: Math.abs(signed), isTopDown: signed < 0, bits, compression, start, palette, masks };
}

/** Reads the palette, which is between the headers and the pixels. */
function readPalette(bytes: Uint8Array, from: number, entryBytes: number, end: number): Uint8Array {
  const count = Math.min(256, Math.max(0, Math.floor((end - from) / entryBytes)));
  const palette = new Uint8Array(3 * 256);
  for (let entry = 0; entry < count; entry++) {
    for (let channel = 0; channel < 3; channel++) {
      palette[3 * entry + channel] = bytes[from + entry * entryBytes + 2 - channel]!;
    }
  }
  return palette;
}

function copyIndexed(from: Uint8Array, to: Uint8Array, bits: number, palette: Uint8Array): void {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let position = 0; position < to.length / 3; position++) {
    const shift = 8 - bits * ((position % perByte) + 1);
    const entry = 3 * ((from[(position / perByte) | 0]! >> shift) & mask);
    to[3 * position] = palette[entry]!;
    to[3 * position + 1] = palette[entry + 1]!;
    to[3 * position + 2] = palette[entry + 2]!;
  }
}

function copyColors(from: Uint8Array, to: Uint8Array): void {
  for (let position = 0; position < to.length; position += 3) {
    to[position] = from[position + 2]!;
    to[position + 1] = from[position + 1]!;
    to[position + 2] = from[position]!;
  }
}

function copyMasked(from: Uint8Array, to: Uint8Array, bits: number, masks: readonly number[]): void {
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const parts = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, most: Math.max(1, mask >>> shift) };
  });
  for (let position = 0; position < to.length / 3; position++) {
    const value = bits === 16 ? view.getUint16(2 * position, true) : view.getUint32(4 * position, true);
    for (const [channel, { mask, shift, most }] of parts.entries()) {
      to[3 * position + channel] = Math.floor((((value & mask) >>> shift) * 255) / most);
    }
  }
}
