import { ResnetError, unknownName } from '@resnet/core';

/** Where the classes of one set are among others, by their names. */
export interface ClassMatch {
  /** For each class, its index among the known ones. */
  indices: number[];
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
 * Finds classes by their names, never by their positions. A name is taken as it is spelt, else as another name of a class,
 * else with capitals, underscores and hyphens left aside, each only where it can mean but one class.
 *
 * @param set whose classes they are, for messages: "'photos/val'"
 * @throws DATA_INVALID naming the classes that are not known, or two that are the same one
 */
export function matchClasses(set: string, names: readonly string[], known: KnownClasses): ClassMatch {
  const lookUps = [
    tableOf(known.names.map((name) => [name])),
    tableOf(known.names.map((name, position) => [name, ...(known.aliases?.[position] ?? [])])),
    tableOf(
      known.names.map((name, position) => [name, ...(known.aliases?.[position] ?? [])].map(plain)),
      plain,
    ),
  ];
  const indices = names.map((name) => {
    for (const lookUp of lookUps) {
      const found = lookUp(name);
      if (found !== undefined) return found;
    }
    return -1;
  });
  const unknown = names.filter((_, index) => indices[index]! < 0);
  if (unknown.length > 0) throw notKnown(set, unknown, names.length, known);
  const first = new Map<number, string>();
  for (const [index, position] of indices.entries()) {
    const other = first.get(position);
    const name = names[index]!;
    if (other !== undefined) throw theSame(set, [other, name], known.names[position]!, known.of);
    first.set(position, name);
  }
  return {
    indices,
    mapped: names.flatMap((name, index) => {
      const as = known.names[indices[index]!]!;
      return as === name ? [] : [{ name, as }];
    }),
    absent: known.names.filter((_, position) => !first.has(position)),
  };
}

/** Looks names up; one that two classes have is none's. */
function tableOf(
  namesOf: readonly (readonly string[])[],
  form = (name: string) => name,
): (name: string) => number | undefined {
  const indices = new Map<string, number | undefined>();
  for (const [position, names] of namesOf.entries()) {
    for (const name of new Set(names)) indices.set(name, indices.has(name) ? undefined : position);
  }
  return (name) => indices.get(form(name));
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
