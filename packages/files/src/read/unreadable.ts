import { ResnetError } from '@resnet/core';

/** The error for a file or folder that the system refuses to read; one of this project stays as it is. */
export function unreadable(path: string, cause: unknown): ResnetError {
  if (ResnetError.is(cause)) return cause;
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new ResnetError('FILE_UNREADABLE', `'${path}' can't be read: ${problem}.`, { cause });
}
