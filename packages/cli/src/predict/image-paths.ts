import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ResnetError } from '@resnet/core';
import type { IgnoredFiles } from '@resnet/data';
import { IgnoredFilesCounter, imagesIn } from '@resnet/data/node';

/**
 * The image files that paths name: files as they are, and all images in folders and in those within; and the other
 * files in the folders.
 *
 * @throws DATA_MISSING for a folder without images
 */
export async function imagePaths(
  given: readonly string[],
): Promise<{ paths: string[]; leftOut: readonly IgnoredFiles[] }> {
  const paths: string[] = [];
  const leftOut = new IgnoredFilesCounter();
  for (const path of given) {
    // Whatever reads the file reports a path that is not there.
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) paths.push(path);
    else {
      const images = await imagesIn(dirname(path), basename(path), leftOut);
      if (images.length === 0) {
        throw new ResnetError(
          'DATA_MISSING',
          `The folder ${path} holds no images. Name another, or image files.`,
        );
      }
      // One by one, as a call can't take a hundred thousand arguments.
      for (const image of images) paths.push(image);
    }
  }
  return { paths, leftOut: leftOut.list() };
}
