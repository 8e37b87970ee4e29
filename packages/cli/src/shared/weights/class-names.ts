import { IMAGENET_CLASSES, imagenetNames } from '@resnet/data';
import { classNamesOf, type Model, type ModelNetwork } from '@resnet/zoo';

/** A class for people: 'cat', 'tench (n01440764)'. */
export function describeClass(name: string): string {
  const first = imagenetNames(name)?.[0];
  return first === undefined ? name : `${first} (${name})`;
}

/** The set whose classes a network is assumed to have if its weights name none: 'ImageNet', 'CIFAR-10'; otherwise undefined. */
export function guessedClasses(
  model: Pick<Model<ModelNetwork>, 'network' | 'classNames'>,
): string | undefined {
  const { length } = classNamesOf(model);
  if (model.classNames || length === 0) return undefined;
  return length === IMAGENET_CLASSES.length ? 'ImageNet' : `CIFAR-${length}`;
}
