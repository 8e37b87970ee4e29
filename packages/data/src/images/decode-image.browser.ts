import type { Admit } from '../loading/read-ahead.js';
import { readImageHeader } from './headers/image-header.js';
import { withoutTags } from './headers/without-tags.js';
import type { Image } from './image.js';
import { bytesOf, imageInvalid, MOST_PIXELS } from './image-limits.js';
import { uncompressedFormat } from './uncompressed/uncompressed-format.js';

/** Images are read from the canvas in bands of at most so many pixels, as some browsers have no large canvases. */
const BAND_PIXELS = 2 ** 22;

/** `decodeImage` with the browser's decoders, on a page or in a worker; see decode-image.ts. */
export async function decodeImage(bytes: Uint8Array, source: string, admit?: Admit): Promise<Image> {
  try {
    if (uncompressedFormat(bytes) !== undefined) {
      const { openUncompressed } = await import('./uncompressed/decode-uncompressed.js');
      const image = openUncompressed(bytes)!;
      await admit?.(bytesOf(image));
      return image.decode();
    }
    const header = readImageHeader(bytes);
    if (!header) throw new Error('no JPEG, PNG, GIF, WebP, BMP or PNM image, or one that is cut off');
    const { height, width } = header;
    if (height * width > MOST_PIXELS) throw new Error(`one of ${height} x ${width} pixels`);
    await admit?.(bytesOf(header));
    const bitmap = await createImageBitmap(
      new Blob(withoutTags(bytes as Uint8Array<ArrayBuffer>, header)),
      // Orientation is not given, as browsers interpret 'none' in two ways; `withoutTags` removes it.
      { colorSpaceConversion: 'none', premultiplyAlpha: 'none' },
    );
    try {
      return pixelsOf(bitmap);
    } finally {
      bitmap.close();
    }
  } catch (cause) {
    throw imageInvalid(source, cause);
  }
}

function pixelsOf(bitmap: ImageBitmap): Image {
  const { height, width } = bitmap;
  const bandRows = Math.max(1, Math.min(height, Math.floor(BAND_PIXELS / width)));
  const canvas = new OffscreenCanvas(width, bandRows);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const pixels = new Uint8Array(height * width * 3);
  for (let top = 0; top < height; top += bandRows) {
    const rows = Math.min(bandRows, height - top);
    context.clearRect(0, 0, width, bandRows);
    context.drawImage(bitmap, 0, -top);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let from = 0, to = top * width * 3; from < data.length; from += 4, to += 3) {
      pixels[to] = data[from]!;
      pixels[to + 1] = data[from + 1]!;
      pixels[to + 2] = data[from + 2]!;
    }
  }
  return { pixels, height, width, channels: 3 };
}
