import { ResnetError, unknownName } from '@resnet/core';

/** The classes of one set, found by name among others. */
export interface ClassMatch {
  /** For each class, its index among the known classes. */
  indices: number[];
  /** Classes whose names are spelled differently from the known ones that they match. */
  mapped: { name: string; as: string }[];
  /** Known classes that no class matches. */
  absent: string[];
}

/** The classes among which others are found by name. */
export interface KnownClasses {
  /** What they are the classes of, for messages: 'the training set'. */
  of: string;
  names: readonly string[];
  /** Other names of each. A name that several classes have matches none of them. */
  aliases?: readonly (readonly string[])[];
}

/** The most names in a message. */
const MOST_NAMED = 5;

/**
 * Finds classes by their names, never by their positions. A name matches a class of exactly this name, else one with this other
 * name, else one whose name differs only in case, underscores and hyphens. Only a name that means a single class matches.
 *
 * @param set the set of these classes, for messages: "'photos/val'"
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

/** Looks a name up. A name that two classes have is not found. */
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
