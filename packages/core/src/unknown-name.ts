import { closest, distance } from 'fastest-levenshtein';
import { ResnetError } from './error.js';
import { isRegistered } from './registered-names.js';

/** The most names that a message lists: among a thousand classes nobody would find the point. */
const MOST_LISTED = 100;

/**
 * The error for a name that is not in a fixed list: names the nearest one, if any is near, and all of them (of more
 * than a hundred, the first three).
 *
 * @param kind what it names, for the message: 'network', 'option'
 * @param meant the name to suggest; by default the nearest
 */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  meant = nearestName(name, known),
): ResnetError {
  if (isRegistered(kind, name)) {
    return new ResnetError(
      'UNKNOWN_NAME',
      `The ${kind} '${name}' is registered with another copy of the package than the one in use, which does not know it. ` +
        'Install the program and the module that registers it in one project, so that both use the same copy: `npm ls @resnet/core` lists the copies.',
    );
  }
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
  // Names that share no character are not near, such as 'D' and 'A'.
  return errors <= Math.max(2, name.length / 3) && errors < name.length ? nearest : undefined;
}
