import type { Image } from '../image.js';
import { decodeBmp } from './bmp.js';
import { decodePnm } from './pnm.js';

/** How the names of such files end, by their first bytes. */
export function uncompressedEnding(bytes: Uint8Array): 'bmp' | 'pbm' | 'pgm' | 'ppm' | undefined {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === 0x42 && second === 0x4d) return 'bmp';
  const isPnm = first === 0x50 && second !== undefined && second >= 0x31 && second <= 0x36;
  return isPnm ? (['pbm', 'pgm', 'ppm'] as const)[(second - 0x31) % 3] : undefined;
}

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
