import { ResnetError } from '@resnet/core';
import { readRegularText } from '@resnet/files/node';

/** The names of ImageNet-21k's classes have 1 MB. */
const MOST_BYTES = 2 ** 22;

/**
 * Names of classes from a file with one a line, in the order of the network's numbers.
 *
 * @throws FILE_UNREADABLE; DATA_INVALID if a name is there twice
 */
export async function readClassNames(
  path: string | undefined,
): Promise<{ names: readonly string[]; path: string } | undefined> {
  if (path === undefined) return undefined;
  const text = await readRegularText(path, MOST_BYTES).catch((cause: Error) => {
    throw new ResnetError('FILE_UNREADABLE', `Can't read names of classes from ${path}: ${cause.message}.`, {
      cause,
    });
  });
  const names = text.split('\n').map((line) => line.trim());
  if (names.at(-1) === '') names.pop();
  const seen = new Set<string>();
  const twice = names.findIndex((name) => name === '' || seen.size === seen.add(name).size);
  if (twice < 0) return { names, path };
  throw new ResnetError(
    'DATA_INVALID',
    `${path} must have a name of its own on each line, found '${names[twice]}' on line ${twice + 1}.`,
  );
}
