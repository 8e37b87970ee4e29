import { ResnetError } from '@resnet/core';
import { parseJson } from '@resnet/files';
import { readRegularText } from '@resnet/files/node';

/** How the recipes of one kind are read. */
interface Kind<R extends object> {
  /** One of them: a file has the same keys. */
  like: R;
  /** Gives one of an earlier version the settings that were added since. */
  upgrade?: (recipe: R) => R;
  /** @throws OPTION_INVALID for numbers that make no sense */
  check: (recipe: R) => void;
}

/**
 * Reads a recipe as `resnet recipe NAME` prints it.
 *
 * @throws OPTION_INVALID if the file can't be read or holds no such recipe
 */
export async function readRecipe<R extends object>(
  path: string,
  { like, upgrade = (recipe) => recipe, check }: Kind<R>,
): Promise<R> {
  const invalid = (found: string, cause?: unknown) =>
    new ResnetError(
      'OPTION_INVALID',
      `'${path}' must be a recipe as \`resnet recipe NAME\` prints it, found ${found}.`,
      { cause },
    );
  const text = await readRegularText(path, 2 ** 20).catch((cause) => {
    throw invalid(cause.message, cause);
  });
  let found: unknown;
  try {
    found = parseJson(text);
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
  const expected = Object.keys(like).sort();
  const upgraded = upgrade(Object(found) as R);
  if (String(Object.keys(upgraded).sort()) !== String(expected)) {
    throw invalid(`other keys than ${expected.join(', ')}`);
  }
  // Before its schedule is stretched to another number of steps.
  check(upgraded);
  return upgraded;
}
