import { CIFAR10_CLASSES, CIFAR100_CLASSES, IMAGENET_CLASSES } from '@resnet/data';
import type { Model } from '@resnet/zoo';

const names = new Map(IMAGENET_CLASSES.map(({ id, names }) => [id, names]));

/** Classes by the side of the colour images that networks for them take. */
const wellKnown: readonly { side: number; classes: readonly string[] }[] = [
  { side: 32, classes: CIFAR10_CLASSES },
  { side: 32, classes: CIFAR100_CLASSES },
  { side: 224, classes: IMAGENET_CLASSES.map(({ id }) => id) },
];

/**
 * The names of a model's classes: those that its weights bring, else those of CIFAR-10, CIFAR-100 or ImageNet (WordNet ids),
 * if it takes such images and tells as many classes apart, else none.
 */
export function classNamesOf({ network, classNames }: Model): readonly string[] {
  if (classNames) return classNames;
  const [height, , channels] = network.inputShape;
  const isMeant = ({ side, classes }: (typeof wellKnown)[number]) =>
    channels === 3 && side === height && classes.length === network.architecture.classes;
  return wellKnown.find(isMeant)?.classes ?? [];
}

/** What a class is called, where its name is a WordNet id of ImageNet. */
export function namesOfClass(name: string): readonly string[] | undefined {
  return names.get(name);
}

/** A class for people: 'cat', 'tench (n01440764)'. */
export function describeClass(name: string): string {
  const first = namesOfClass(name)?.[0];
  return first === undefined ? name : `${first} (${name})`;
}
