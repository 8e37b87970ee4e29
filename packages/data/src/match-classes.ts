import { ResnetError, unknownName } from '@resnet/core';

/** Where the classes of one set are among others, by their names. */
export interface ClassMatch {
  /** For each class, its place among the known ones. */
  places: number[];
  /** Classes that are not spelt as the known ones that they were taken for. */
  mapped: { name: string; as: string }[];
  /** Known classes that none was taken for. */
  absent: string[];
}

/** Classes to be found by name. */
export interface KnownClasses {
  /** Whose they are, for messages: 'the training set'. */
  of: string;
  names: readonly string[];
  /** Other names of each; one that several classes have finds none of them. */
  aliases?: readonly (readonly string[])[];
}

/** More names than this bury what a message says. */
const MOST_NAMED = 5;

/**
 * Finds classes by their names, never by their places. A name is taken as it is spelt, else as another name of a class,
 * else with capitals, underscores and hyphens left aside, each only where it can mean but one class.
 *
 * @param set whose classes they are, for messages: "'photos/val'"
 * @throws DATA_INVALID naming the classes that are not known, or two that are the same one
 */
export function matchClasses(set: string, names: readonly string[], known: KnownClasses): ClassMatch {
  const lookUps = [
    tableOf(known.names.map((name) => [name])),
    tableOf(known.names.map((name, place) => [name, ...(known.aliases?.[place] ?? [])])),
    tableOf(
      known.names.map((name, place) => [name, ...(known.aliases?.[place] ?? [])].map(plain)),
      plain,
    ),
  ];
  const places = names.map((name) => {
    for (const lookUp of lookUps) {
      const found = lookUp(name);
      if (found !== undefined) return found;
    }
    return -1;
  });
  const unknown = names.filter((_, index) => places[index]! < 0);
  if (unknown.length > 0) throw notKnown(set, unknown, names.length, known);
  const first = new Map<number, string>();
  for (const [index, place] of places.entries()) {
    const other = first.get(place);
    const name = names[index]!;
    if (other !== undefined) throw theSame(set, [other, name], known.names[place]!, known.of);
    first.set(place, name);
  }
  return {
    places,
    mapped: names.flatMap((name, index) => {
      const as = known.names[places[index]!]!;
      return as === name ? [] : [{ name, as }];
    }),
    absent: known.names.filter((_, place) => !first.has(place)),
  };
}

/** Looks names up; one that two classes have is none's. */
function tableOf(
  namesOf: readonly (readonly string[])[],
  form = (name: string) => name,
): (name: string) => number | undefined {
  const places = new Map<string, number | undefined>();
  for (const [place, names] of namesOf.entries()) {
    for (const name of new Set(names)) places.set(name, places.has(name) ? undefined : place);
  }
  return (name) => places.get(form(name));
}

function plain(name: string): string {
  return name.normalize('NFC').toLowerCase().replace(/[_-]/g, ' ').trim();
}

function notKnown(
  set: string,
  unknown: readonly string[],
  count: number,
  { of, names, aliases }: KnownClasses,
): ResnetError {
  const listed = unknown.slice(0, MOST_NAMED).map((name) => `'${name}'`);
  const more = unknown.length > MOST_NAMED ? ` and ${unknown.length - MOST_NAMED} more` : '';
  const all = [...names, ...(aliases ?? []).flat()];
  const { message } = unknownName(`class of ${of}`, unknown[0]!, all);
  return new ResnetError(
    'DATA_INVALID',
    `All classes of ${set} must be classes of ${of}, found ${unknown.length} of ${count} that are none: ` +
      `${listed.join(', ')}${more}. ${message} Rename or remove what does not belong.`,
  );
}

function theSame(set: string, [a, b]: [string, string], as: string, of: string): ResnetError {
  const meant = a === as || b === as ? '' : `, both '${as}'`;
  return new ResnetError(
    'DATA_INVALID',
    `Each class of ${set} must be another class of ${of}, found '${a}' and '${b}', which are one${meant}. ` +
      'Put their images together, or rename one.',
  );
}
