import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend/error';
import type { Dataset } from './dataset.js';
import { decodeImageFile } from './decode-image.js';

/** A data set of image files. */
export interface ImageFolder extends Dataset {
  /** The file of each image. */
  paths: readonly string[];
}

/** Endings of images that can be decoded, in small letters. */
export const IMAGE_ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff'];

export function isImageName(name: string): boolean {
  return IMAGE_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));
}

/** The data set of these files, which are read when asked for. */
export function imageFiles(
  set: Pick<ImageFolder, 'name' | 'classes' | 'paths'> & { labels: readonly number[] },
): ImageFolder {
  const { name, paths } = set;
  const pathAt = (index: number) => {
    const path = paths[index];
    if (path !== undefined) return path;
    throw noSuchPlace(name, paths.length, index);
  };
  return {
    ...set,
    count: paths.length,
    labels: Int32Array.from(set.labels),
    read: async (index) => decodeImageFile(pathAt(index)),
    encoded: async (index) => pathAt(index),
  };
}

export function noSuchPlace(name: string, count: number, index: number): ResnetError {
  return new ResnetError(
    'OPTION_INVALID',
    `An image's place in '${name}' must be an integer from 0 to ${count - 1}, found ${index}.`,
  );
}

/**
 * The paths of all images in a folder and in those within, in order. Links to folders are not followed.
 *
 * @throws as `listFolder`
 */
export async function imagesIn(folder: string): Promise<string[]> {
  const { files, folders } = await listFolder(folder);
  const images = files.filter(isImageName).map((name) => join(folder, name));
  for (const name of folders) images.push(...(await imagesIn(join(folder, name))));
  return images.sort(byText);
}

/**
 * Names of what lies in a folder, in order, but for those that begin with a dot; links count as what they point to.
 *
 * @throws DATA_MISSING if there is no such folder; DATA_INVALID if a name is not UTF-8; FILE_UNREADABLE if the system
 *   refuses
 */
export async function listFolder(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw new ResnetError('DATA_MISSING', `'${folder}' must be a folder, found none of this name.`, {
        cause,
      });
    }
    throw new ResnetError('FILE_UNREADABLE', `'${folder}' can't be read: ${cause.message}.`, { cause });
  });
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (entry.name.includes('\ufffd')) {
      throw new ResnetError(
        'DATA_INVALID',
        `'${folder}' has a file or folder whose name is not UTF-8 and can't be opened: '${entry.name}'. Rename it.`,
      );
    }
    const path = join(folder, entry.name);
    // A link to a folder above would be followed for ever, so that links to folders are passed over.
    const isFile = entry.isSymbolicLink()
      ? await stat(path).then(
          (target) => target.isFile(),
          () => true,
        )
      : entry.isFile();
    if (isFile) files.push(entry.name);
    else if (entry.isDirectory()) folders.push(entry.name);
  }
  return { files: files.sort(byText), folders: folders.sort(byText) };
}

/** The same on every machine, unlike the order of a language. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
