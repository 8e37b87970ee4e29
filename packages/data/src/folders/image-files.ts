import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { ResnetError } from '@resnet/core';
import { unreadable } from '@resnet/files/node';
import { decodeImageFile } from '../images/decode-image.node.js';
import { type IndexedDataset, noSuchIndex } from '../sets/dataset.js';
import { byCodePoint } from './by-code-point.js';
import { byExtension, type IgnoredFilesCounter } from './ignored-files.js';

/** A data set of image files. */
export interface ImageFolder extends IndexedDataset {
  /** The file of each image. */
  paths: readonly string[];
}

/** Extensions of images that can be decoded, in lower case. */
export const IMAGE_EXTENSIONS = [
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff'],
  ...['.bmp', '.ppm', '.pgm', '.pbm', '.pnm'],
];

export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.some((ending) => name.toLowerCase().endsWith(ending));
}

/** The data set of these files. Each is read only when its image is. */
export function imageFiles(
  set: Pick<ImageFolder, 'name' | 'classes' | 'paths' | 'ignored'> & { labels: readonly number[] },
): ImageFolder {
  const { name, paths } = set;
  const pathAt = (index: number) => {
    const path = paths[index];
    if (path !== undefined) return path;
    throw noSuchIndex(name, paths.length, index);
  };
  return {
    ...set,
    count: paths.length,
    labels: Int32Array.from(set.labels),
    read: async (index, admit) => decodeImageFile(pathAt(index), admit),
    encoded: async (index) => pathAt(index),
  };
}

/**
 * The paths of all images in a class's folder and its subfolders, in the order of torchvision's `ImageFolder`: folder by folder,
 * and within each by code point. Links are followed, except those to a parent folder of the class. Each folder is read once.
 *
 * @param top the folder of the classes
 * @param name of the class's folder
 * @param ignored counts what is no image
 * @throws as `listFolder`
 */
export async function imagesIn(
  top: string,
  name: string,
  ignored: Pick<IgnoredFilesCounter, 'add'>,
): Promise<string[]> {
  const own = await realPath(join(top, name));
  const around = [await realPath(top), dirname(own)];
  const read = new Set<string>();
  const groups: { folder: string; images: string[] }[] = [];
  const visit = async (folder: string, real: string): Promise<void> => {
    read.add(real);
    const { files, folders, ...others } = await listFolder(join(top, folder));
    countOthers(others, folder, ignored);
    for (const file of files) if (!isImageName(file)) ignored.add(byExtension(file), `${folder}/${file}`);
    groups.push({ folder, images: files.filter(isImageName) });
    for (const inner of folders.map((each) => `${folder}/${each}`)) {
      const target = await realPath(join(top, inner));
      if (around.some((path) => isWithin(path, target))) ignored.add(LEADING_AROUND, inner);
      else if (read.has(target)) ignored.add('linking to a folder that was read already', inner);
      else await visit(inner, target);
    }
  };
  await visit(name, own);
  groups.sort((a, b) => byCodePoint(a.folder, b.folder));
  return groups.flatMap(({ folder, images }) => images.map((image) => join(top, folder, image)));
}

/** The reason for links that would be followed forever. */
export const LEADING_AROUND = 'linking to a folder around them';

/** A path without links. @throws FILE_UNREADABLE */
export function realPath(path: string): Promise<string> {
  return realpath(path).catch((cause) => {
    throw unreadable(path, cause);
  });
}

/** Whether a path is a folder or somewhere in it; both are real paths. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

/** The names in a folder, ordered by code point. A link counts as what it points to. */
export interface FolderContents {
  files: string[];
  folders: string[];
  /** Names that begin with a dot. */
  hidden: string[];
  /** Broken links, except those with the name of an image, which fail when they are read. */
  lost: string[];
  /** Pipes, devices and the like. */
  special: string[];
}

export function countOthers(
  { hidden, lost, special }: Omit<FolderContents, 'files' | 'folders'>,
  folder: string,
  ignored: Pick<IgnoredFilesCounter, 'add'>,
): void {
  const path = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  for (const name of hidden) ignored.add('hidden', path(name));
  for (const name of lost) ignored.add('linking to nothing', path(name));
  for (const name of special) ignored.add('that are no files', path(name));
}

/**
 * @throws DATA_MISSING if there is no such folder; DATA_INVALID if a name is not UTF-8; FILE_UNREADABLE if the system
 *   refuses
 */
export async function listFolder(folder: string): Promise<FolderContents> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
      throw new ResnetError('DATA_MISSING', `'${folder}' must be a folder, found none of this name.`, {
        cause,
      });
    }
    throw unreadable(folder, cause);
  });
  const contents: FolderContents = { files: [], folders: [], hidden: [], lost: [], special: [] };
  entries.sort((a, b) => byCodePoint(a.name, b.name));
  for (const entry of entries) {
    if (entry.name.includes('\ufffd')) {
      throw new ResnetError(
        'DATA_INVALID',
        `'${folder}' has a file or folder whose name is not UTF-8 and can't be opened: '${entry.name}'. Rename it.`,
      );
    }
    contents[await kindOf(entry, folder)].push(entry.name);
  }
  return contents;
}

async function kindOf(entry: Dirent, folder: string): Promise<keyof FolderContents> {
  if (entry.name.startsWith('.')) return 'hidden';
  const target = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
  if (!target) return isImageName(entry.name) ? 'files' : 'lost';
  if (target.isFile()) return 'files';
  return target.isDirectory() ? 'folders' : 'special';
}
