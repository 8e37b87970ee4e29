import { IMAGENET_CLASSES } from '@resnet/data';

const imagenetIds = IMAGENET_CLASSES.map(({ id }) => id);

/**
 * The network's number of each class of a set, by the names of both, or by WordNet ids where the network has ImageNet's
 * classes.
 *
 * @returns nothing where the numbers are the same, or the names tell nothing
 */
export function classMapOf(
  setClasses: readonly string[],
  { classes, classNames }: { classes: number; classNames: readonly string[] | undefined },
): number[] | undefined {
  const known = [classNames, classes === imagenetIds.length ? imagenetIds : undefined];
  for (const names of known) {
    const map = names && setClasses.map((name) => names.indexOf(name));
    if (!map || map.includes(-1)) continue;
    return map.every((number, index) => number === index) ? undefined : map;
  }
  return undefined;
}
