import { decodeImage as decodeHere } from '#decode-image';
import type { Image } from './image.js';

/**
 * Decodes an image whole, to what PIL's `convert('RGB')` gives, which PyTorch's data sets use: the first picture of an
 * animation, colours without their transparency, CMYK without a profile, and not turned as EXIF says. Grey of 16 bits
 * keeps its upper eight, where PIL makes all but the darkest white.
 *
 * In Node this takes the optional peer dependency `sharp` and reads JPEG, PNG, WebP, GIF, AVIF and TIFF. In browsers
 * their own decoders do it, on a page or in a worker, and read JPEG, PNG, WebP and GIF. There colours of half
 * transparent pixels are rounded, and those of fully transparent ones become black: a canvas does not keep them. A
 * browser that disguises what is read from canvases gives disguised pixels.
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
