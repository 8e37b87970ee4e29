import { ResnetError, unknownName } from '@resnet/core';
import { IMAGENET_CLASSES, imagenetClass, imagenetNames } from '@resnet/data';

/**
 * The index of the class that the user names. A name that is a number counts before an index.
 *
 * @param text its name, one of ImageNet's names for its WordNet id, or its index
 * @param names of the classes, as far as they are known
 * @param count of the classes
 * @throws OPTION_INVALID for an index out of range; UNKNOWN_NAME for an unknown name
 */
export function chosenClass(text: string, names: readonly string[], count: number): number {
  if (names.includes(text)) return names.indexOf(text);
  if (/^\d+$/.test(text) || names.length === 0) {
    const index = Number(text);
    if (index < count) return index;
    const unnamed = names.length === 0 ? ': the weights name no classes' : '';
    throw new ResnetError(
      'OPTION_INVALID',
      `--class must be a number from 0 to ${count - 1}${unnamed}; found '${text}'.`,
    );
  }
  if (!names.some(imagenetNames)) throw unknownName('class', text, names);
  const { id } = IMAGENET_CLASSES[imagenetClass(text)]!;
  if (!names.includes(id)) throw unknownName('class', id, names);
  return names.indexOf(id);
}
