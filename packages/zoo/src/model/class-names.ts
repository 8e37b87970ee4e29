import { CIFAR10_CLASSES, CIFAR100_CLASSES, IMAGENET_CLASSES } from '@resnet/data';
import type { Model, ModelNetwork } from './model.js';

/**
 * The names of a model's classes: those that come with its weights (for ImageNet's names in transformers, WordNet ids). Else, if it
 * takes color images of their size and has as many classes, those of CIFAR-10, CIFAR-100 or ImageNet (WordNet ids). Else none.
 */
export function classNamesOf({
  network,
  classNames,
}: Pick<Model<ModelNetwork>, 'network' | 'classNames'>): readonly string[] {
  if (classNames) return isOfTransformers(classNames) ? IMAGENET_CLASSES.map(({ id }) => id) : classNames;
  const { designSize: side } = network;
  const { classes, inChannels } = network.architecture;
  if (inChannels !== 3) return [];
  if (side === 224 && classes === IMAGENET_CLASSES.length) return IMAGENET_CLASSES.map(({ id }) => id);
  const ofCifar = [CIFAR10_CLASSES, CIFAR100_CLASSES].find((names) => names.length === classes);
  return (side === 32 && ofCifar) || [];
}

/** Whether names are those of ImageNet's classes as transformers has them: all of a class, 'tench, Tinca tinca'. */
function isOfTransformers(names: readonly string[]): boolean {
  return (
    names.length === IMAGENET_CLASSES.length &&
    IMAGENET_CLASSES.every((known, index) => known.names.join(', ') === names[index])
  );
}
