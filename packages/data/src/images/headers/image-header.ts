import { jpegSegments } from './jpeg-segments.js';
import { textAt } from './text-at.js';

/** What an image file says of itself. */
export interface ImageHeader {
  format: 'jpeg' | 'png' | 'gif' | 'webp';
  height: number;
  width: number;
  /** Of a JPEG: 1 is gray, 3 are colors, 4 are inks. */
  components?: number;
}

/**
 * Reads what a JPEG, PNG, GIF or WebP file says of itself, without decoding it.
 *
 * @returns `undefined` for other files, and where what stands there is cut off or makes no sense
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint16(0) === 0xffd8) return jpeg(view);
    if (textAt(view, 0, 8) === '\x89PNG\r\n\x1a\n') return png(view);
    if (textAt(view, 0, 4) === 'GIF8') return gif(view);
    if (textAt(view, 0, 4) === 'RIFF' && textAt(view, 8, 4) === 'WEBP') return webp(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

/** The markers between which those of frames lie, and which of them are something else. */
const FRAMES = [0xc0, 0xcf] as const;
const OTHERS = [0xc4, 0xc8, 0xcc];

function jpeg(view: DataView): ImageHeader | undefined {
  for (const { marker, content } of jpegSegments(view)) {
    if (marker < FRAMES[0] || marker > FRAMES[1] || OTHERS.includes(marker)) continue;
    const [height, width] = [view.getUint16(content + 1), view.getUint16(content + 3)];
    return { format: 'jpeg', height, width, components: view.getUint8(content + 5) };
  }
  return undefined;
}

function png(view: DataView): ImageHeader | undefined {
  if (textAt(view, 12, 4) !== 'IHDR') return undefined;
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20) };
}

/** Of the screen, or of as much of the first picture as reaches beyond it, which browsers show. */
function gif(view: DataView): ImageHeader | undefined {
  const number = (position: number) => view.getUint16(position, true);
  const flags = view.getUint8(10);
  const tableBytes = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  let position = 13 + tableBytes;
  for (;;) {
    const block = view.getUint8(position++);
    if (block === 0x2c) {
      const width = Math.max(number(6), number(position) + number(position + 4));
      const height = Math.max(number(8), number(position + 2) + number(position + 6));
      return { format: 'gif', height, width };
    }
    if (block !== 0x21) return undefined;
    position++;
    while (view.getUint8(position) > 0) position += 1 + view.getUint8(position);
    position++;
  }
}

function webp(view: DataView): ImageHeader | undefined {
  const kind = textAt(view, 12, 4);
  const number = (position: number) => view.getUint32(position, true);
  if (kind === 'VP8X') {
    const [width, height] = [24, 27].map((position) => (number(position - 1) >>> 8) + 1);
    return { format: 'webp', height: height!, width: width! };
  }
  if (kind === 'VP8L') {
    const [width, height] = [0, 14].map((bit) => ((number(21) >>> bit) & 0x3fff) + 1);
    return { format: 'webp', height: height!, width: width! };
  }
  if (kind === 'VP8 ') {
    return { format: 'webp', height: (number(26) >>> 16) & 0x3fff, width: number(26) & 0x3fff };
  }
  return undefined;
}
