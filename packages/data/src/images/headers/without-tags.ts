import type { ImageHeader } from './image-header.js';
import { jpegSegments } from './jpeg-segments.js';
import { textAt } from './text-at.js';

/**
 * The parts of an image file that remain without its EXIF data, by which browsers turn images, and, in a PNG, without
 * what makes whole colors transparent, under which canvases lose them.
 *
 * @param bytes a file whose header `readImageHeader` understands
 */
export function withoutTags(
  bytes: Uint8Array<ArrayBuffer>,
  { format }: ImageHeader,
): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let kept = 0;
  try {
    for (const { start, end, instead = [] } of TAGS[format](view)) {
      parts.push(bytes.subarray(kept, start), ...instead);
      kept = end;
    }
  } catch (error) {
    // The decoder will say that the file is cut off.
    if (!(error instanceof RangeError)) throw error;
  }
  return [...parts, bytes.subarray(kept)];
}

interface Part {
  start: number;
  end: number;
  instead?: Uint8Array<ArrayBuffer>[];
}

const TAGS: Record<ImageHeader['format'], (view: DataView) => Generator<Part>> = {
  *jpeg(view) {
    for (const { marker, start, content, end } of jpegSegments(view)) {
      if (marker === 0xe1 && textAt(view, content, 4) === 'Exif') yield { start, end };
    }
  },
  *png(view) {
    for (let start = 8; start < view.byteLength; ) {
      const end = start + 12 + view.getUint32(start);
      if (['eXIf', 'tRNS'].includes(textAt(view, start + 4, 4))) yield { start, end };
      start = end;
    }
  },
  *gif() {},
  // Its length stands at the beginning, so that such a part gets a name that nobody knows.
  *webp(view) {
    for (let start = 12; start < view.byteLength; ) {
      if (textAt(view, start, 4) === 'EXIF') {
        yield { start, end: start + 4, instead: [new TextEncoder().encode('none')] };
      }
      const length = view.getUint32(start + 4, true);
      start += 8 + length + (length % 2);
    }
  },
};
