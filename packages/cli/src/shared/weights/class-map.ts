import { formatCount, ResnetError } from '@resnet/core';
import { imagenetAliases, type KnownClasses, matchClasses } from '@resnet/data';
import { classNamesOf, type Model, type ModelNetwork } from '@resnet/zoo';
import { formatShape, formatSome } from '../terminal/format.js';
import { guessedClasses } from './class-names.js';

/** Which classes of a network those of a set are, and how that is known. */
export interface ClassMap {
  /** The network's number of each class of the set. */
  numbers: number[];
  /** How many classes the network has. */
  ofNetwork: number;
  /** For people: whose names tell. */
  by: string;
  /** Whether the weights themselves name the classes. */
  isGuess: boolean;
  /** Classes that the network spells in another way. */
  mapped: { name: string; as: string }[];
  /** Classes of the network that the set lacks. */
  absent: string[];
}

/**
 * The network's classes of a set, by the names of both. ImageNet's classes are known by their WordNet ids and by their names.
 * Where the weights name no classes, those of ImageNet or CIFAR are tried, if the network may be theirs, and then numbers,
 * if the set's classes have such for names.
 *
 * @param given names of the network's classes in their order, where a person has told them
 * @throws DATA_INVALID naming what doesn't fit; OPTION_INVALID if nothing tells
 */
export function classMapOf(
  set: { name: string; classes: readonly string[] },
  model: Pick<Model<ModelNetwork>, 'network' | 'classNames'>,
  given?: { names: readonly string[]; path: string },
): ClassMap {
  const ofNetwork = model.network.architecture.classes;
  const told = given?.names ?? model.classNames;
  if (told) {
    if (told.length !== ofNetwork) throw otherCount(given?.path ?? 'the weights', told.length, ofNetwork);
    const by = given ? `the names in ${given.path}` : "the weights' names";
    return matched(set, { of: 'the network', names: told }, { by, isGuess: given !== undefined });
  }
  const whose = guessedClasses(model);
  const numbers = numbersOf(set.classes, ofNetwork);
  if (whose === undefined) {
    if (numbers) return numbers;
    throw new ResnetError(
      'OPTION_INVALID',
      `The weights don't name their ${ofNetwork} classes, so that nothing tells which of them those of '${set.name}' are ` +
        `(${formatSome(set.classes)}). Give --class-names: a ` +
        `file with a name a line, in the order of the network's numbers.`,
    );
  }
  const shape = formatShape(model.network.inputShape);
  const by = `${whose}'s names, as those of a network of ${formatCount(ofNetwork)} classes and images of ${shape}; the weights name none`;
  try {
    return matched(
      set,
      { of: `${whose}, whose the network's are taken for`, names: classNamesOf(model) },
      { by, isGuess: true },
    );
  } catch (error) {
    if (numbers) return numbers;
    throw error;
  }
}

function matched(
  set: { name: string; classes: readonly string[] },
  known: KnownClasses,
  { by, isGuess }: Pick<ClassMap, 'by' | 'isGuess'>,
): ClassMap {
  const aliases = imagenetAliases(known.names);
  const { indices, ...rest } = matchClasses(`'${set.name}'`, set.classes, { ...known, aliases });
  return { numbers: indices, ofNetwork: known.names.length, by, isGuess, ...rest };
}

/** Where all classes of a set have numbers of the network's for names. */
function numbersOf(classes: readonly string[], ofNetwork: number): ClassMap | undefined {
  const numbers = classes.map((name) => (/^\d{1,9}$/.test(name) ? Number(name) : -1));
  const isNumbers = numbers.every((number) => number >= 0 && number < ofNetwork);
  if (!isNumbers || new Set(numbers).size < numbers.length) return undefined;
  const all = Array.from({ length: ofNetwork }, (_, number) => String(number));
  return {
    numbers,
    ofNetwork,
    by: "numbers, which are the names of the data's classes; the weights name none",
    isGuess: true,
    mapped: [],
    absent: all.filter((number) => !numbers.includes(Number(number))),
  };
}

/** For people, where anything was guessed, mapped or left out. */
export function describeClassMap(map: ClassMap): string | undefined {
  const { numbers, ofNetwork, by, isGuess, mapped, absent } = map;
  const isSame = numbers.every((number, index) => number === index);
  if (isSame && !isGuess && mapped.length === 0 && absent.length === 0) return undefined;
  const pairs = mapped.map(({ name, as }) => `${name} to ${as}`);
  return [
    `${formatCount(numbers.length)} of the network's ${formatCount(ofNetwork)}, by ${by}`,
    ...(mapped.length > 0 ? [`${formatCount(mapped.length)} mapped: ${formatSome(pairs)}`] : []),
    ...(absent.length > 0 ? [`${formatCount(absent.length)} not in the data: ${formatSome(absent)}`] : []),
  ].join('; ');
}

function otherCount(where: string, found: number, expected: number): ResnetError {
  return new ResnetError(
    'OPTION_INVALID',
    `The network has ${expected} classes, but ${where} ${found === 1 ? 'names 1' : `name ${found}`}.`,
  );
}
