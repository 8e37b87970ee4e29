import { decodeImage as decodeHere } from '#decode-image';
import type { Image } from './image.js';

/**
 * Decodes an image whole, to what PIL's `convert('RGB')` gives, which PyTorch's data sets use: the first picture of an
 * animation, colors without transparency, CMYK without a profile, and not rotated as EXIF says. Gray of 16 bits
 * keeps its upper eight, where PIL makes all but the darkest white.
 *
 * BMP, PBM, PGM and PPM are read everywhere. In Node the optional peer dependency `sharp` reads JPEG, PNG, WebP, GIF, AVIF and
 * TIFF. In browsers the browser's decoders read JPEG, PNG, WebP and GIF, on a page or in a worker. There colors of half
 * transparent pixels are rounded, and those of fully transparent ones become black: a canvas does not keep them. A
 * browser that adds noise to canvas data, against fingerprinting, changes pixels.
 *
 * @param bytes the file
 * @param source its name, for messages
 * @returns RGB
 * @throws IMAGE_INVALID if it is no image, is cut off or has more than 100 million pixels; PACKAGE_MISSING if
 *   `sharp` can't be loaded
 */
export function decodeImage(bytes: Uint8Array, source: string): Promise<Image> {
  return decodeHere(bytes, source);
}
