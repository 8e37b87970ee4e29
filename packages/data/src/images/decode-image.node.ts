import { ResnetError } from '@resnet/core';
import { openRegularFile, readUpTo, unreadable } from '@resnet/files/node';
import type { Admit } from '../loading/read-ahead.js';
import { imageFormat } from './headers/image-format.js';
import { readImageHeader } from './headers/image-header.js';
import type { Image } from './image.js';
import { bytesOf, imageInvalid, MOST_IMAGE_BYTES, MOST_PIXELS } from './image-limits.js';
import { loadSharp, type Sharp, withSharpErrors } from './load-sharp.js';
import { openUncompressed } from './uncompressed/decode-uncompressed.js';

/**
 * Decodes an image (JPEG, PNG, WebP, GIF, AVIF and TIFF with the optional peer dependency `sharp`; BMP, PBM, PGM and PPM)
 * whole, to what PIL's `convert('RGB')` gives, which PyTorch's data sets use: the first picture of an animation, colors
 * without transparency, without color profiles, and not rotated as EXIF says. Gray of 16 bits keeps its upper eight,
 * where PIL makes all but the darkest white.
 *
 * @param bytes the file
 * @param source its name, for messages
 * @param admit awaited with the bytes of the result before it is decoded
 * @returns RGB
 * @throws IMAGE_INVALID if it is no image, is cut off or has more than 100 million pixels; PACKAGE_MISSING if
 *   `sharp` can't be loaded
 */
export async function decodeImage(bytes: Uint8Array, source: string, admit?: Admit): Promise<Image> {
  try {
    const plain = openUncompressed(bytes);
    if (plain) {
      await admit?.(bytesOf(plain));
      return plain.decode();
    }
    imageFormat(bytes);
  } catch (cause) {
    throw ResnetError.is(cause) ? cause : imageInvalid(source, cause);
  }
  const sharp = await loadSharp();
  if (admit) {
    const size =
      readImageHeader(bytes) ?? (await withSharpErrors(source, () => sharp(bytes, options).metadata()));
    // A larger image is refused when it is decoded.
    await admit(Math.min(bytesOf(size), 3 * MOST_PIXELS));
  }
  return withSharpErrors(source, () => decodeBySharp(sharp, bytes));
}

/** Many photographs have small faults that decoders only warn about; only real damage is an error here. */
const options = { limitInputPixels: MOST_PIXELS, failOn: 'error', ignoreIcc: true } as const;

async function decodeBySharp(sharp: Sharp, bytes: Uint8Array): Promise<Image> {
  const isCmyk = !hasColors(bytes) && (await sharp(bytes, options).metadata()).space === 'cmyk';
  const decoded = isCmyk
    ? sharp(bytes, options).pipelineColourspace('cmyk').toColourspace('cmyk')
    : sharp(bytes, options).removeAlpha().toColourspace('srgb');
  const { data, info } = await decoded.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const pixels = isCmyk ? fromCmyk(data) : new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { pixels, height: info.height, width: info.width, channels: 3 };
}

/** `decodeImage` of a file. @throws FILE_UNREADABLE if the system refuses to read it; else as `decodeImage` */
export async function decodeImageFile(path: string, admit?: Admit): Promise<Image> {
  return decodeImage(await readImageFile(path, admit), path, admit);
}

/**
 * The bytes of a file of an image.
 *
 * @param admit awaited with their number before they are read
 * @throws FILE_UNREADABLE if the system refuses, it is no file or has more than 256 MiB
 */
export async function readImageFile(path: string, admit?: Admit): Promise<Uint8Array> {
  try {
    const file = await openRegularFile(path);
    try {
      const { size } = await file.stat();
      if (size > MOST_IMAGE_BYTES) throw new Error(`it has ${size} bytes, more than ${MOST_IMAGE_BYTES}`);
      await admit?.(size);
      return await readUpTo(file, size);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Whether an image certainly is not CMYK. Otherwise sharp has to read its header. */
function hasColors(bytes: Uint8Array): boolean {
  const header = readImageHeader(bytes);
  if (header?.format !== 'jpeg') return header !== undefined;
  return header.components === 1 || header.components === 3;
}

/** Converts CMYK as Pillow does: each ink and then black absorb their share of the light. */
function fromCmyk(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const light = 255 - inks[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const product = inks[from + channel]! * light + 128;
      pixels[to + channel] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return pixels;
}
