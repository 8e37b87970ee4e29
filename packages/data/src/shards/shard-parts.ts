import { ResnetError, unknownName } from '@resnet/core';

/** A shard's number, perhaps with the number of shards: 'train-000012.tar', 'train-00000-of-00005.tar'. */
const SHARD = /^(?:(.*?)[-_.]?)(\d+)(?:-of-(\d+))?\.tar$/;

/** Words that name parts. */
const PART = /(?:^|[-_.])(?:train|training|val|valid|validation|dev|test)(?:$|[-_.])/i;

/** Shards by the part in their names; '' for names without a part. */
export function byPart(files: readonly string[]): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const file of files) {
    const whole = file.slice(0, -'.tar'.length);
    const name = SHARD.exec(file)?.[1] ?? (PART.test(whole) ? whole : '');
    parts.set(name, [...(parts.get(name) ?? []), file]);
  }
  return parts;
}

/**
 * The shards of one part. Its name is the text before the number of a shard. Names without a number are of one part, unless they
 * have a word like 'train'.
 *
 * @param part its name, or one word of it; by default the only part
 * @throws OPTION_INVALID if there are several and none is chosen; UNKNOWN_NAME if there is no such part; DATA_MISSING if
 *   the names announce more shards
 */
export function chosenPart(source: string, files: readonly string[], part: string | undefined): string[] {
  const parts = byPart(files);
  const names = [...parts.keys()];
  if (part === undefined && names.length > 1) {
    throw new ResnetError(
      'OPTION_INVALID',
      `'${source}' has shards of several parts: ${listed(names)}. Choose one as the part.`,
    );
  }
  const name = part === undefined ? names[0]! : nameOf(part, names);
  const chosen = parts.get(name)!;
  checkComplete(source, chosen);
  return chosen;
}

function nameOf(part: string, names: readonly string[]): string {
  if (names.includes(part)) return part;
  const alike = names.filter((name) =>
    name.split(/[-_.]/).some((word) => word.toLowerCase() === part.toLowerCase()),
  );
  if (alike.length === 1) return alike[0]!;
  if (alike.length > 1) {
    throw new ResnetError(
      'OPTION_INVALID',
      `The part '${part}' must be one, found ${listed(alike)}. Give the whole name of one.`,
    );
  }
  throw unknownName('part', part, names);
}

/** Checks that all shards are there, if their names have the number of shards. */
function checkComplete(source: string, files: readonly string[]): void {
  const numbers = files.flatMap((file) => {
    const [, , number, count] = SHARD.exec(file) ?? [];
    return count === undefined ? [] : [{ number: Number(number), count: Number(count) }];
  });
  const found = new Set(numbers.map(({ number }) => number)).size;
  const [first] = numbers;
  if (!first || found >= first.count) return;
  throw new ResnetError(
    'DATA_MISSING',
    `'${source}' must hold all ${first.count} shards of '${files[0]}', found ${found}. Get the others.`,
  );
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, 10).map((name) => name || "'' (only a number)");
  return `${some.join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
}
