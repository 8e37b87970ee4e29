import { IMAGENET_CLASSES } from '@resnet/data';
import { classNamesOf, type Model } from '@resnet/zoo';

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

/** Whose classes a network's are taken for, as its weights name none: 'ImageNet', 'CIFAR-10'; undefined where nothing is guessed. */
export function guessedClasses(model: Pick<Model, 'network' | 'classNames'>): string | undefined {
  const { length } = classNamesOf(model as Model);
  if (model.classNames || length === 0) return undefined;
  return length === IMAGENET_CLASSES.length ? 'ImageNet' : `CIFAR-${length}`;
}
