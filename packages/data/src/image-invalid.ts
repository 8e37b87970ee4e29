import { ResnetError } from '@resnet/backend/error';

/** Far above any photograph, far below what a hostile file's header can claim: at most 400 MB while decoding. */
export const MOST_PIXELS = 100_000_000;

/** The error for bytes that can't be decoded. */
export function imageInvalid(source: string, cause: unknown): ResnetError {
  return new ResnetError(
    'IMAGE_INVALID',
    `'${source}' must be an image that can be decoded, of at most ${MOST_PIXELS} pixels, ` +
      `found: ${(cause as Error).message}.`,
    { cause },
  );
}
