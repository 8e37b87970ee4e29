import { IMAGENET_CLASSES } from '@resnet/data';
import { classNamesOf, type Model } from '@resnet/zoo';

const imagenetNames = new Map(IMAGENET_CLASSES.map(({ id, names }) => [id, `${names[0]} (${id})`]));

/** The names of a model's classes, for people; 'class 7' if it has none. */
export function namesForPeople(model: Model): string[] {
  const names = classNamesOf(model);
  return Array.from({ length: model.network.architecture.classes }, (_, index) => {
    const name = names[index] ?? `class ${index}`;
    return imagenetNames.get(name) ?? name;
  });
}
