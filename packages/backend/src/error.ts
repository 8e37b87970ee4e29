import type { KernelsErrorCode } from '@resnet/kernels';
import { closest, distance } from 'fastest-levenshtein';
import { printable } from './printable.js';

export { printable };

/** Every code that an error of this project can carry. Codes are stable: they change only in a major release. */
export type ErrorCode =
  | KernelsErrorCode
  | 'ABORTED'
  | 'BACKEND_FAILED'
  | 'BACKEND_LOST'
  | 'BACKEND_MISSING'
  | 'CHECKPOINT_INVALID'
  | 'CHECKPOINT_MISMATCH'
  | 'DATA_INVALID'
  | 'DATA_MISSING'
  | 'DOWNLOAD_FAILED'
  | 'DOWNLOAD_FORBIDDEN'
  | 'ENGINE_FAILED'
  | 'ENGINE_MISSING'
  | 'FILE_BUSY'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'IMAGE_INVALID'
  | 'LOSS_NOT_FINITE'
  | 'PACKAGE_MISSING'
  | 'RUN_BUSY'
  | 'SHAPE_MISMATCH'
  | 'UNKNOWN_NAME'
  | 'WEIGHTS_CORRUPT'
  | 'WEIGHTS_FORBIDDEN'
  | 'WEIGHTS_INVALID'
  | 'WEIGHTS_MISMATCH'
  | 'WEIGHTS_MISSING';

const marker = Symbol.for('resnet.error');

/**
 * The error that every package of this project throws. `code` is stable and meant for programs; `message`
 * says what was expected, what was found and what to do, and is meant for people; names of strangers in it are `printable`.
 */
export class ResnetError extends Error {
  readonly code: ErrorCode;
  readonly [marker] = true;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(printable(message), options);
    this.name = 'ResnetError';
    this.code = code;
  }

  /**
   * Whether it is an error of this project: one of this class, of `@resnet/kernels`, or of a second installed copy of either.
   * `instanceof` knows the errors of its own copy only.
   */
  static is(error: unknown): error is ResnetError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** Throws `ABORTED` if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, work: string): void {
  if (signal?.aborted)
    throw new ResnetError('ABORTED', `${work} was stopped on request.`, {
      cause: signal.reason,
    });
}

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
