import { closest, distance } from 'fastest-levenshtein';
import { ResnetError } from './error.js';

/** The most names that a message lists: a thousand classes would bury what it says. */
const MOST_LISTED = 100;

/**
 * The error for a name that is not in a fixed list: names the nearest one, if any is near, and all of them (of more
 * than a hundred, the first three).
 *
 * @param kind what the name is of, for the message: 'network', 'option'
 * @param meant the name that is meant by it, where that is known; default: the nearest
 */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  meant = nearestName(name, known),
): ResnetError {
  const hint = meant === undefined ? '' : ` Did you mean '${meant}'?`;
  const list =
    known.length <= MOST_LISTED
      ? known.join(', ')
      : `${known.slice(0, 3).join(', ')} and ${known.length - 3} more`;
  return new ResnetError('UNKNOWN_NAME', `Unknown ${kind} '${name}'.${hint} Known: ${list}.`);
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(name, known);
  const errors = distance(name, nearest);
  // A name of which nothing is left is not near, as 'D' to 'A'.
  return errors <= Math.max(2, name.length / 3) && errors < name.length ? nearest : undefined;
}
