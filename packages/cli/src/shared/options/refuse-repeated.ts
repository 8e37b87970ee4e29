import { resolve } from 'node:path';
import { ResnetError } from '@resnet/core';

/** @throws OPTION_INVALID if two of the paths lead to the same file */
export function refuseRepeated(paths: readonly string[], what = ''): void {
  const resolved = paths.map((path) => resolve(path));
  const twice = paths.find((_, index) => resolved.indexOf(resolved[index]!) < index);
  if (twice !== undefined) throw new ResnetError('OPTION_INVALID', `${what}${twice} is given twice.`);
}
