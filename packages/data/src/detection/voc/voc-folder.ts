import { basename, join } from 'node:path';
import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';
import { readRegularText, unreadable } from '@resnet/files/node';
import { listFolder } from '../../folders/image-files.js';
import { isFolder } from '../../folders/kind-at.js';

/** Far more than any list of ids: those of a million images. */
const MOST_LIST_BYTES = 2 ** 24;

/** The folder of VOC's layout at a path: it, or VOC2007 or its like in it, or in VOCdevkit. */
export async function vocFolder(path: string, year: string | undefined): Promise<string> {
  const isYear = year === undefined || basename(path) === `VOC${year}`;
  if (isYear && (await isVocFolder(path))) return path;
  const tops = [path, join(path, 'VOCdevkit')];
  const found: string[] = [];
  for (const top of tops) {
    if (!(await isFolder(top))) continue;
    const { folders } = await listFolder(top);
    for (const name of folders) {
      if (/^VOC\d{4}$/.test(name) && (await isVocFolder(join(top, name)))) found.push(join(top, name));
    }
  }
  const wanted = year === undefined ? found : found.filter((folder) => folder.endsWith(`VOC${year}`));
  if (wanted.length === 1) return wanted[0]!;
  if (wanted.length > 1 && year === undefined) {
    throw new ResnetError(
      'OPTION_INVALID',
      `'${path}' has several years: ${found.map((folder) => folder.slice(-4)).join(', ')}. Choose one as the year.`,
    );
  }
  const what = year === undefined ? '' : ` in VOC${year}`;
  throw new ResnetError(
    'DATA_MISSING',
    `'${path}' must hold folders Annotations and JPEGImages${what}, as PASCAL VOC does, found ` +
      `${found.length > 0 ? found.map(quote).join(', ') : 'none'}.`,
  );
}

/** Whether a folder has the layout of PASCAL VOC. */
export async function isVocFolder(folder: string): Promise<boolean> {
  return (await isFolder(join(folder, 'Annotations'))) && (await isFolder(join(folder, 'JPEGImages')));
}

/** The lists in ImageSets/Main. */
export interface VocLists {
  /** Those of parts: train, val. */
  parts: string[];
  /** Those of a class in a part, cat_train, with the class. */
  ofClasses: Map<string, string>;
}

export async function vocLists(folder: string): Promise<VocLists> {
  const main = join(folder, 'ImageSets', 'Main');
  if (!(await isFolder(main))) return { parts: [], ofClasses: new Map() };
  const { files } = await listFolder(main);
  const names = files.filter((name) => name.endsWith('.txt')).map((name) => name.slice(0, -4));
  const ofClasses = new Map<string, string>();
  for (const name of names) {
    const line = name.lastIndexOf('_');
    if (line > 0 && names.includes(name.slice(line + 1))) ofClasses.set(name, name.slice(0, line));
  }
  return { parts: names.filter((name) => !ofClasses.has(name)), ofClasses };
}

/**
 * The ids of a list, in its order. Of the list of a class, those of the images that hold it: marked with 1, or with 0, where all such
 * objects are difficult.
 */
export async function readIds(folder: string, list: string): Promise<string[]> {
  const path = join(folder, 'ImageSets', 'Main', `${list}.txt`);
  const text = await readRegularText(path, MOST_LIST_BYTES).catch((cause) => {
    throw unreadable(path, cause);
  });
  const ids = new Set<string>();
  for (const [number, line] of text.split('\n').entries()) {
    const [id = '', flag = '1', ...rest] = line.trim().split(/\s+/);
    if (id === '') continue;
    const invalid = (problem: string) =>
      new ResnetError(
        'DATA_INVALID',
        `Line ${number + 1} of '${path}' must be the name of an image without its ending, and in the list of a class -1, 0 or 1, ` +
          `found ${problem}.`,
      );
    // An id becomes a part of paths.
    if (/[/\\]|^\.{1,2}$/.test(id) || !['-1', '0', '1'].includes(flag) || rest.length > 0)
      throw invalid(quote(line));
    if (flag === '-1') continue;
    if (ids.has(id)) throw invalid(`${quote(id)} a second time`);
    ids.add(id);
  }
  return [...ids];
}
