import { ResnetError } from '@resnet/core';
import { readText } from '../shared/options/read-text.js';

/** The names of ImageNet-21k's classes have 1 MB. */
const MOST_BYTES = 2 ** 22;

/**
 * Names of classes from a file with one on each line, in the order of the network's classes.
 *
 * @throws FILE_UNREADABLE; DATA_INVALID if a name is there twice
 */
export async function readClassNames(
  path: string | undefined,
): Promise<{ names: readonly string[]; path: string } | undefined> {
  if (path === undefined) return undefined;
  const text = await readText('names of classes', path, MOST_BYTES);
  const names = text.split('\n').map((line) => line.trim());
  if (names.at(-1) === '') names.pop();
  const seen = new Set<string>();
  const twice = names.findIndex((name) => name === '' || seen.size === seen.add(name).size);
  if (twice < 0) return { names, path };
  throw new ResnetError(
    'DATA_INVALID',
    `${path} must have another name on each line, found '${names[twice]}' on line ${twice + 1}.`,
  );
}
