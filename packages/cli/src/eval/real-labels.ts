import { basename } from 'node:path';
import { ResnetError } from '@resnet/core';
import type { TestImages } from '../shared/data-sets/data-sets.js';
import { readText } from '../shared/options/read-text.js';

/** Those of ImageNet's 50,000 validation images have about 1 MB. */
const MOST_BYTES = 2 ** 24;

/** Labels of the images of a set, and for people how they were matched to the images. */
export interface RealLabels {
  path: string;
  lists: number[][];
  by: string;
}

/**
 * The labels of each image of a set from a JSON file with a list for each: that of Beyer et al. has them in the order of the
 * numbers in the names of ImageNet's validation images. Where files have no such names, there must be as many lists as images.
 *
 * @throws FILE_UNREADABLE, DATA_INVALID
 */
export async function readRealLabels(path: string, set: TestImages): Promise<RealLabels> {
  const text = await readText('labels', path, MOST_BYTES);
  const lists = parse(text, path);
  if (!('paths' in set)) return forEachImage(lists, set, path);
  const numbers = (set.paths as readonly string[]).map((file) =>
    Number(/^ILSVRC2012_val_(\d{8})\./.exec(basename(file))?.[1] ?? 0),
  );
  if (numbers.includes(0)) return forEachImage(lists, set, path);
  const chosen = numbers.map((number) => {
    const list = lists[number - 1];
    if (list) return list;
    throw invalid(path, `it has ${lists.length} lists and none for validation image ${number}`);
  });
  return { path, lists: chosen, by: 'the numbers in the names of the images' };
}

/** The lists in the order of the images. A set of files must have as many images as there are lists, before any limit. */
function forEachImage(lists: number[][], set: TestImages, path: string): RealLabels {
  const { count, name, wholeCount = count } = set;
  if ('paths' in set ? lists.length === wholeCount : lists.length >= count) {
    return { path, lists: lists.slice(0, count), by: 'the order of the images, whose names tell no numbers' };
  }
  throw invalid(
    path,
    `it has ${lists.length} lists, and ${name} has ${'paths' in set ? wholeCount : count} images`,
  );
}

function parse(text: string, path: string): number[][] {
  let lists: unknown;
  try {
    lists = JSON.parse(text);
  } catch {
    throw invalid(path, 'it is not JSON');
  }
  const isLabel = (entry: unknown) => Number.isInteger(entry) && (entry as number) >= 0;
  const isList = (entry: unknown): entry is number[] => Array.isArray(entry) && entry.every(isLabel);
  if (Array.isArray(lists) && lists.every(isList)) return lists;
  throw invalid(path, 'it must be a list of lists of class numbers');
}

function invalid(path: string, problem: string): ResnetError {
  return new ResnetError('DATA_INVALID', `${path} has no labels that can be used: ${problem}.`);
}
