import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ResnetError } from '@resnet/backend';
import type { Dataset } from './dataset.js';
import { decodeImageFile } from './decode-image.js';

/** A data set of image files. */
export interface ImageFolder extends Dataset {
  /** The file of each image. */
  paths: readonly string[];
}

/** Endings of images that can be decoded, in small letters. */
const ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff'];

/**
 * A folder with one folder of images for each class, as ImageNet's training set and PyTorch's `ImageFolder` have it.
 * Classes are in the order of their names, images in that of their paths; images may lie in folders of their own
 * within a class. Other files, and names that begin with a dot, are passed over. Images are read when asked for.
 *
 * @param folder of the classes' folders
 * @throws DATA_MISSING if there is no such folder, no class in it, or no image in one of them; DATA_INVALID if a name
 *   is not UTF-8, as such files could not be opened; FILE_UNREADABLE if the system refuses
 */
export async function imageFolder(folder: string): Promise<ImageFolder> {
  const { folders } = await list(folder);
  if (folders.length === 0) {
    throw new ResnetError(
      'DATA_MISSING',
      `'${folder}' must hold a folder of images for each class, found none. Give the folder that holds the ` +
        "classes' folders, such as train with n01440764 and its sisters.",
    );
  }
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of folders.entries()) {
    const images = await imagesIn(join(folder, name));
    if (images.length === 0) {
      throw new ResnetError(
        'DATA_MISSING',
        `The class '${name}' in '${folder}' must hold images (${ENDINGS.join(', ')}), found none. Add some or ` +
          'remove the folder.',
      );
    }
    for (const path of images) {
      paths.push(path);
      labels.push(label);
    }
  }
  const pathAt = (index: number) => {
    const path = paths[index];
    if (path !== undefined) return path;
    throw new ResnetError(
      'OPTION_INVALID',
      `An image's place in '${folder}' must be an integer from 0 to ${paths.length - 1}, found ${index}.`,
    );
  };
  return {
    name: folder,
    count: paths.length,
    classes: folders,
    labels: Int32Array.from(labels),
    paths,
    read: async (index) => decodeImageFile(pathAt(index)),
    encoded: async (index) => pathAt(index),
  };
}

async function imagesIn(folder: string): Promise<string[]> {
  const { files, folders } = await list(folder);
  const images = files
    .filter((name) => ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)))
    .map((name) => join(folder, name));
  for (const name of folders) images.push(...(await imagesIn(join(folder, name))));
  return images.sort(byText);
}

/** Names of what lies in a folder, in order; links count as what they point to. */
async function list(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw new ResnetError('DATA_MISSING', `'${folder}' must be a folder, found none of this name.`, {
        cause,
      });
    }
    return unreadable(folder, cause);
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

function unreadable(path: string, cause: Error): never {
  throw new ResnetError('FILE_UNREADABLE', `'${path}' can't be read: ${cause.message}.`, { cause });
}
