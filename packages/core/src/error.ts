import { printable } from './printable.js';

/**
 * The codes that errors of this project carry, as the keys of an interface to which each package adds its own. Codes are
 * stable: they change only in a major release.
 */
export interface ErrorCodes {
  ABORTED: true;
  OPTION_INVALID: true;
  OUT_OF_MEMORY: true;
  PACKAGE_MISSING: true;
  SHAPE_MISMATCH: true;
  THREAD_LOST: true;
  UNKNOWN_NAME: true;
}

export type ErrorCode = keyof ErrorCodes;

const marker = Symbol.for('resnet.error');

/**
 * The error that every package of this project throws. `code` is stable and meant for programs; `message`
 * says what was expected, what was found and what to do, and is meant for people; unprintable characters in it are escaped.
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
   * Whether it is an error of this project: of this class, or of a second installed copy of it, whose errors `instanceof` does not
   * recognize.
   */
  static is(error: unknown): error is ResnetError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
