import { ResnetError } from '@resnet/core';
import type { Dataset, ImageSet } from '@resnet/data';
import type { Classifier } from '@resnet/zoo';

/**
 * Refuses images or classes that a network does not take.
 *
 * @param channels of the images; those of a set that is read as it goes are known with its first batch
 * @param classMap the network's number of each class of the set; the same numbers by default
 * @throws SHAPE_MISMATCH; OPTION_INVALID if the map has not a number for each class
 */
export function checkFits(
  { architecture }: Pick<Classifier, 'architecture'>,
  set: ImageSet | Dataset,
  channels: number | undefined = 'channels' in set ? set.channels : undefined,
  classMap?: readonly number[],
): void {
  const { name, classes, inChannels } = architecture;
  if (classMap && classMap.length !== set.classes.length) {
    throw new ResnetError(
      'OPTION_INVALID',
      `classMap must have a number for each of the ${set.classes.length} classes of ${set.name}, found ${classMap.length}.`,
    );
  }
  const numbers = classMap ?? [set.classes.length - 1];
  const isKnown = numbers.every((number) => Number.isInteger(number) && number >= 0 && number < classes);
  if (isKnown && (channels === undefined || channels === inChannels)) return;
  const mapped = classMap ? `, with numbers up to ${Math.max(...classMap)}` : '';
  const found = channels === undefined ? '' : ` and ${channels} channels`;
  throw new ResnetError(
    'SHAPE_MISMATCH',
    `${name} tells ${classes} classes apart in images of ${inChannels} channels; '${set.name}' has ` +
      `${set.classes.length} classes${mapped}${found}.`,
  );
}
