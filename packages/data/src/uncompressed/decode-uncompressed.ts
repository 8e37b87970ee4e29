import type { Image } from '../image.js';
import { decodeBmp } from './bmp.js';
import { uncompressedEnding } from './ending.js';
import { decodePnm } from './pnm.js';

/**
 * Decodes the formats that sharp leaves out: BMP, and PBM, PGM and PPM of one picture.
 *
 * @returns RGB; `undefined` for other formats
 * @throws an Error saying what is wrong with such an image
 */
export function decodeUncompressed(bytes: Uint8Array): Image | undefined {
  const ending = uncompressedEnding(bytes);
  if (ending === undefined) return undefined;
  return ending === 'bmp' ? decodeBmp(bytes) : decodePnm(bytes);
}
