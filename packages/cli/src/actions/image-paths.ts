import { stat } from 'node:fs/promises';
import { ResnetError } from '@resnet/backend';
import { imagesIn } from '@resnet/data/node';

/**
 * The image files that paths name: files as they are, and all images in folders and in those within.
 *
 * @throws DATA_MISSING for a folder without images
 */
export async function imagePaths(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    // A path of nothing is told of by what reads it.
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) found.push(path);
    else {
      const images = await imagesIn(path);
      if (images.length === 0) {
        throw new ResnetError(
          'DATA_MISSING',
          `The folder ${path} holds no images. Name another, or image files.`,
        );
      }
      found.push(...images);
    }
  }
  return found;
}
