import { CIFAR10_CLASSES, CIFAR100_CLASSES, IMAGENET_CLASSES } from '@resnet/data';
import type { Model } from '@resnet/zoo';

const imagenetNames = new Map(IMAGENET_CLASSES.map(({ id, names }) => [id, `${names[0]} (${id})`]));

/** Classes by the side of the colour images that networks for them take. */
const wellKnown: readonly { side: number; classes: readonly string[] }[] = [
  { side: 32, classes: CIFAR10_CLASSES },
  { side: 32, classes: CIFAR100_CLASSES },
  { side: 224, classes: IMAGENET_CLASSES.map(({ id }) => id) },
];

/**
 * The names of a model's classes, for people: those that its weights bring, else those of CIFAR-10, CIFAR-100 or ImageNet, if
 * it takes such images and tells as many classes apart, else 'class 7'.
 */
export function classNamesOf({ network, classNames }: Model): string[] {
  const [side, , channels] = network.inputShape;
  const { classes: count } = network.architecture;
  const names =
    classNames ??
    wellKnown.find((known) => channels === 3 && known.side === side && known.classes.length === count)
      ?.classes ??
    [];
  return Array.from({ length: count }, (_, index) => {
    const name = names[index] ?? `class ${index}`;
    return imagenetNames.get(name) ?? name;
  });
}
