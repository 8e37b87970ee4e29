import { ResnetError, unknownName } from '@resnet/core';
import { IMAGENET_NAMES } from './names.js';

/** A class of ILSVRC2012. */
export interface ImagenetClass {
  /** The WordNet id, such as 'n01440764': the name of the class's folder. */
  id: string;
  /** The class's names, the main one first. Some names belong to two classes. */
  names: readonly string[];
}

/**
 * The 1000 classes of ILSVRC2012 in the order of their WordNet ids, which is that of the labels of torchvision, Keras,
 * timm and the models on the Hugging Face hub.
 */
export const IMAGENET_CLASSES: readonly ImagenetClass[] = /* @__PURE__ */ parse(IMAGENET_NAMES);

function parse(lines: string): ImagenetClass[] {
  return lines.split('\n').map((line) => {
    const space = line.indexOf(' ');
    return { id: line.slice(0, space), names: line.slice(space + 1).split(', ') };
  });
}

/**
 * The label of a class of ILSVRC2012.
 *
 * @param idOrName the WordNet id, or one of the names; case counts only where it distinguishes classes, as in
 *   'Cardigan' (a dog) and 'cardigan' (a garment)
 * @returns an index into `IMAGENET_CLASSES`
 * @throws UNKNOWN_NAME if there is no such class, or two have the name, such as 'crane'
 */
export function imagenetClass(idOrName: string): number {
  const small = idOrName.toLowerCase();
  const tests: ((candidate: string) => boolean)[] = [
    (candidate) => candidate === idOrName,
    (candidate) => candidate.toLowerCase() === small,
  ];
  for (const isMeant of tests) {
    const found = IMAGENET_CLASSES.filter(({ id, names }) => isMeant(id) || names.some(isMeant));
    if (found.length > 1) throw ambiguous(idOrName, found);
    if (found.length === 1) return IMAGENET_CLASSES.indexOf(found[0]!);
  }
  const known = IMAGENET_CLASSES.flatMap(({ id, names }) => [id, ...names]);
  throw unknownName('class of ImageNet', idOrName, known);
}

function ambiguous(name: string, classes: readonly ImagenetClass[]): ResnetError {
  const list = classes.map(({ id, names }) => `${id} (${names.join(', ')})`).join('; ');
  return new ResnetError(
    'UNKNOWN_NAME',
    `A class of ImageNet must have a name of its own, but '${name}' is that of ${classes.length}: ${list}. ` +
      'Give the id.',
  );
}
