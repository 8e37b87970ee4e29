import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ResnetError } from '@resnet/backend';
import type { Images } from './data-sets.js';

const MOST_BYTES = 64 * 2 ** 20;

/**
 * The labels of each image of a set from a JSON file with a list for each: that of Beyer et al. has them in the order of the
 * numbers in the names of ImageNet's validation images.
 *
 * @throws FILE_UNREADABLE, DATA_INVALID
 */
export async function readRealLabels(path: string, set: Images): Promise<number[][]> {
  const unreadable = (problem: string, cause?: unknown) =>
    new ResnetError('FILE_UNREADABLE', `Can't read labels from ${path}: ${problem}.`, { cause });
  const { size } = await stat(path).catch((cause: Error) => {
    throw unreadable(cause.message, cause);
  });
  if (size > MOST_BYTES) throw unreadable(`it has ${size} bytes, more than the ${MOST_BYTES} that are read`);
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw unreadable(cause.message, cause);
  });
  const lists = parse(text, path);
  if (!('paths' in set)) return forEachImage(lists, set, path);
  const numbers = (set.paths as readonly string[])
    .slice(0, set.count)
    .map((file) => Number(/^ILSVRC2012_val_(\d{8})\./.exec(basename(file))?.[1] ?? 0));
  if (numbers.includes(0)) return forEachImage(lists, set, path);
  return numbers.map((number) => {
    const list = lists[number - 1];
    if (list) return list;
    throw invalid(path, `it has ${lists.length} lists and none for validation image ${number}`);
  });
}

function forEachImage(lists: number[][], { count, name }: Images, path: string): number[][] {
  if (lists.length >= count) return lists.slice(0, count);
  throw invalid(path, `it has ${lists.length} lists, and ${name} has ${count} images`);
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
