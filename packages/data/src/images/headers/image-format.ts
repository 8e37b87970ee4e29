import { textAt } from './text-at.js';

/** Formats of image files that are decoded by a library, told by their first bytes as libvips tells them. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'tiff';

/**
 * The format of an image file. A library that looks for itself takes others too, such as SVG, which is a program of a kind:
 * a few hundred bytes of it draw for minutes.
 *
 * @throws Error for all other formats
 */
export function imageFormat(bytes: Uint8Array): ImageFormat {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (position: number, ...texts: string[]) =>
    texts.some(
      (text) => position + text.length <= bytes.length && textAt(view, position, text.length) === text,
    );
  if (has(0, '\xff\xd8\xff')) return 'jpeg';
  if (has(0, '\x89PNG\r\n\x1a\n')) return 'png';
  if (has(0, 'GIF87a', 'GIF89a')) return 'gif';
  if (has(0, 'RIFF') && has(8, 'WEBP')) return 'webp';
  if (has(4, 'ftyp') && has(8, 'avif', 'avis', 'mif1', 'msf1')) return 'avif';
  if (has(0, 'II*\0', 'MM\0*', 'II+\0', 'MM\0+')) return 'tiff';
  throw new Error('no JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP, PBM, PGM or PPM by its first bytes');
}
