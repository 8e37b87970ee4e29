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
    // Each platform's native part is a separate package, which may be the missing one.
    throw new ResnetError(
      'PACKAGE_MISSING',
      `Reading images needs the package 'sharp', which is installed but doesn't start here: ` +
        `${(cause as Error).message} Run: npm install --include=optional sharp`,
      { cause },
    );
  }
}

/** sharp's message when another thread has cleared the real one: libvips keeps one buffer of messages for all threads. */
const LOST_MESSAGE = 'Unknown error';
const MOST_ATTEMPTS = 20;

let retrying: Promise<unknown> = Promise.resolve();

/**
 * Does work of sharp on an image. If it fails, it is repeated, without other failed work at the same time, to get the message.
 *
 * @throws IMAGE_INVALID
 */
export async function withSharpErrors<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    const retried = retrying.then(() => repeated(work));
    retrying = retried.catch(() => {});
    return retried.catch((cause: Error) => {
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
      if ((error as Error).message !== LOST_MESSAGE || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}
