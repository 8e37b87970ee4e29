import { ResnetError } from '@resnet/core';

/** Far above any photograph, far below what the header of a hostile file can claim. Decoding takes at most 400 MB. */
export const MOST_PIXELS = 100_000_000;

/** The most bytes of an image file: far above any photograph's. */
export const MOST_IMAGE_BYTES = 2 ** 28;

/** The bytes of a decoded image. */
export function bytesOf({ height, width }: { height: number; width: number }): number {
  return 3 * height * width;
}

/** The error for bytes that can't be decoded. */
export function imageInvalid(source: string, cause: unknown): ResnetError {
  return new ResnetError(
    'IMAGE_INVALID',
    `'${source}' must be an image that can be decoded, of at most ${MOST_PIXELS} pixels, ` +
      `found: ${(cause as Error).message}.`,
    { cause },
  );
}
