import { IMAGENET_CLASSES } from './classes.js';

const namesById = /* @__PURE__ */ (() => new Map(IMAGENET_CLASSES.map(({ id, names }) => [id, names])))();

/** Names that several classes have, such as 'crane'. */
const sharedNames = /* @__PURE__ */ (() => {
  const names = IMAGENET_CLASSES.flatMap((each) => each.names);
  return new Set(names.filter((name, index) => names.indexOf(name) !== index));
})();

/** The names of the class with a WordNet id, the main one first; undefined for any other text. */
export function imagenetNames(id: string): readonly string[] | undefined {
  return namesById.get(id);
}

/**
 * Other names of a network's classes, for `matchClasses`: of a class of ImageNet its id, all its names in one text, and each name
 * that no other class has. A class is one of ImageNet's if its name is an id, or if all names are those of ImageNet's classes in
 * their order.
 *
 * @returns a list for each class, empty for what is not of ImageNet
 */
export function imagenetAliases(classes: readonly string[]): string[][] {
  const isImagenet =
    classes.length === IMAGENET_CLASSES.length &&
    classes.every((name, index) => {
      const { id, names } = IMAGENET_CLASSES[index]!;
      return name === id || name.split(', ').some((part) => names.includes(part));
    });
  return classes.map((name, index) => {
    const id = isImagenet ? IMAGENET_CLASSES[index]!.id : name;
    const names = imagenetNames(id);
    if (!names) return [];
    return [id, ...new Set([...names, names.join(', ')])].filter((each) => !sharedNames.has(each));
  });
}
