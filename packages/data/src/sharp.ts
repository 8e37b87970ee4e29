import { pathToFileURL } from 'node:url';
import { ResnetError } from '@resnet/backend';
import { resolveInstalled } from './installed.js';

/** Far above any photograph, far below what a hostile file's header can claim: at most 400 MB while decoding. */
export const MOST_PIXELS = 100_000_000;

/** The optional package that decodes images. @throws PACKAGE_MISSING */
export async function loadSharp(): Promise<typeof import('sharp').default> {
  const path = resolveInstalled('sharp', 'Reading images');
  try {
    return (await import(pathToFileURL(path).href)).default;
  } catch (cause) {
    // Its native part comes in a package of its own for each platform, which may be the one that is missing.
    throw new ResnetError(
      'PACKAGE_MISSING',
      `Reading images needs the package 'sharp', which is installed but doesn't start here: ` +
        `${(cause as Error).message} Run: npm install --include=optional sharp`,
      { cause },
    );
  }
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
