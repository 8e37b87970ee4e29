import { pathToFileURL } from 'node:url';
import { ResnetError } from '@resnet/backend/error';
import { resolveInstalled } from './installed.js';

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
