import { pathToFileURL } from 'node:url';
import { ResnetError } from '@resnet/core';
import { resolveOptionalPackage } from '../optional-package.js';
import { imageInvalid } from './image-limits.js';

export type Sharp = typeof import('sharp').default;

/** The optional package that decodes images. @throws PACKAGE_MISSING */
export async function loadSharp(): Promise<Sharp> {
  const path = resolveOptionalPackage('sharp', 'Reading images');
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

/** What sharp says where another thread has taken the reason away: libvips keeps one buffer of reasons for all threads. */
const TAKEN_AWAY = 'Unknown error';
const MOST_ATTEMPTS = 20;

let asking: Promise<unknown> = Promise.resolve();

/**
 * Does work of sharp on an image. Where it fails, it is done again, with no other work that failed beside it, for the reason.
 *
 * @throws IMAGE_INVALID
 */
export async function toldBySharp<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    const asked = asking.then(() => repeated(work));
    asking = asked.catch(() => {});
    return asked.catch((cause: Error) => {
      const lines = [...new Set(cause.message.split('\n'))].map((line) => line.replace(/^Vips\w+: /, ''));
      throw imageInvalid(source, new Error([...new Set(lines)].join('; '), { cause }));
    });
  }
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if ((error as Error).message !== TAKEN_AWAY || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}
