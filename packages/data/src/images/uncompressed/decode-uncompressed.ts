import type { Image } from '../image.js';
import { openBmp } from './bmp.js';
import { openPnm } from './pnm.js';
import { uncompressedFormat } from './uncompressed-format.js';

/** An image whose headers have been read. */
export interface Uncompressed {
  height: number;
  width: number;
  /** @throws Error */
  decode(): Image;
}

/**
 * Opens the formats that sharp leaves out: BMP, and PBM, PGM and PPM of one picture.
 *
 * @returns an image that can be decoded to RGB; undefined for other formats
 * @throws an Error saying what is wrong with such an image
 */
export function openUncompressed(bytes: Uint8Array): Uncompressed | undefined {
  const ending = uncompressedFormat(bytes);
  if (ending === undefined) return undefined;
  return ending === 'bmp' ? openBmp(bytes) : openPnm(bytes);
}
