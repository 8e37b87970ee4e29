import { IMAGENET_CLASSES } from '@resnet/data';

const names = new Map(IMAGENET_CLASSES.map(({ id, names }) => [id, names]));

/** What a class is called, where its name is a WordNet id of ImageNet. */
export function namesOfClass(name: string): readonly string[] | undefined {
  return names.get(name);
}

/** A class for people: 'cat', 'tench (n01440764)'. */
export function describeClass(name: string): string {
  const first = namesOfClass(name)?.[0];
  return first === undefined ? name : `${first} (${name})`;
}
