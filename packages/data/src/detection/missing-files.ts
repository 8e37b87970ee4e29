import { ResnetError } from '@resnet/core';
import { quote } from '@resnet/files';

/** How many are named. */
const NAMED = 5;

/** The error for annotations or images that a set says it has. */
export function missingFiles(folder: string, what: string, names: readonly string[]): ResnetError {
  const more = names.length > NAMED ? `, … (${names.length} of them)` : '';
  return new ResnetError(
    'DATA_MISSING',
    `'${folder}' must hold all ${what}, found none for ${names.slice(0, NAMED).map(quote).join(', ')}${more}. Add them, or remove their entries.`,
  );
}
