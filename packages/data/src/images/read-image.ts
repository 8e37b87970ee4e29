import { checkInteger, ResnetError } from '@resnet/core';
import { readImageFile } from './decode-image.node.js';
import { imageFormat } from './headers/image-format.js';
import type { Image } from './image.js';
import { imageInvalid, MOST_PIXELS } from './image-limits.js';
import { loadSharp, withSharpErrors } from './load-sharp.js';
import { openUncompressed } from './uncompressed/decode-uncompressed.js';

/**
 * Reads an image file (JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP, PBM, PGM, PPM) at a given size, with the optional peer
 * dependency `sharp`.
 *
 * The image is rotated upright as its EXIF data says, converted to sRGB (or gray), and its transparent parts become black.
 * (PIL's `convert('RGB')`, which PyTorch's data sets use, would show the colors hidden there.) Then it is scaled so that it just
 * covers `height` x `width`, and cropped equally on both sides. If it gets smaller, the filter is the antialiased bilinear one of
 * torchvision's `Resize`; if it gets larger, libvips shifts it by up to half a source pixel compared with torchvision.
 *
 * @param options.height of the result, in pixels
 * @param options.width of the result, in pixels
 * @param options.channels 3 for RGB, 1 for gray
 * @throws FILE_UNREADABLE if there is no such file; IMAGE_INVALID if it is no image, is cut off or has more than
 *   100 million pixels; PACKAGE_MISSING if `sharp` can't be loaded; OPTION_INVALID if an option is out of range
 */
export async function readImage(
  path: string,
  options: { height: number; width: number; channels: 1 | 3 },
): Promise<Image> {
  const { height, width, channels } = options;
  checkInteger('height', height, 1);
  checkInteger('width', width, 1);
  if (channels !== 1 && channels !== 3) {
    throw new ResnetError('OPTION_INVALID', `channels must be 1 or 3, found ${channels}.`);
  }
  const sharp = await loadSharp();
  const bytes = await readImageFile(path);
  const plain = readUncompressed(bytes, path);
  return withSharpErrors(path, async () => {
    // Many photographs have small faults that decoders only warn about; only real damage is an error here.
    // JPEGs are not shrunk while decoding, which is faster but filters differently at every scale.
    const options = { limitInputPixels: MOST_PIXELS, failOn: 'error' } as const;
    const image = plain ? sharp(plain.pixels, { ...options, raw: rawOf(plain) }) : sharp(bytes, options);
    const { data } = await image
      .rotate()
      .flatten({ background: '#000000' })
      .resize({ height, width, fit: 'cover', kernel: 'linear', fastShrinkOnLoad: false })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { pixels: new Uint8Array(data.buffer, data.byteOffset, data.length), height, width, channels };
  });
}

function readUncompressed(bytes: Uint8Array, path: string): Image | undefined {
  try {
    const plain = openUncompressed(bytes);
    if (!plain) imageFormat(bytes);
    return plain?.decode();
  } catch (cause) {
    throw imageInvalid(path, cause);
  }
}

function rawOf({ height, width }: Image) {
  return { height, width, channels: 3 as const };
}
